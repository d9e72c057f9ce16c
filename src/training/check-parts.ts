import { checkHooks, checkNames, checkPart } from '../core/check-part.ts';
import { checkOneOf, checkOptions, checkPerNetwork, checkPositiveInteger } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { checkScheduled } from '../core/schedules/scheduled-number.ts';
import type { Constraint } from '../constraints/constraint.ts';
import type { Game } from '../games/game.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import { penaltyWeights } from '../losses/penalties/penalty-options.ts';
import { topShares } from '../games/best-rows.ts';
import { adam } from '../optimizers/adam.ts';
import { checkOptimizer } from '../optimizers/check-optimizer.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import type { GameTrainerOptions, TrainerOptions } from './trainer-options.ts';

const action = 'create a Trainer';

/** The names in {@link TrainerOptions} besides its two networks. @internal */
export const ruleNames: readonly (keyof Omit<TrainerOptions, 'generator' | 'discriminator'>)[] = [
  ...(['loss', 'penalties', 'constraints', 'ema', 'optimizers'] as const),
  ...(['updatesPerStep', 'accumulate', 'auxiliaryWeights', 'transforms', 'topK', 'seed'] as const),
];

/** Refuses names that a trainer does not know, such as `penalty`. @internal */
export function checkTrainerOptions(options: TrainerOptions | GameTrainerOptions): void {
  checkOptions(action, options);
  const gameNames: readonly (keyof GameTrainerOptions)[] = ['game', 'constraints', 'seed'];
  const names = ['generator', 'discriminator', ...ruleNames];
  checkOptions(action, options, 'game' in options ? gameNames : names);
}

/** The penalties, checked. @internal */
export function checkPenalties(penalties: readonly Penalty[] = []): readonly Penalty[] {
  checkList('penalties', penalties);
  penalties.forEach((penalty, i) => {
    const candidate = penalty as Partial<Penalty> | null | undefined;
    if (typeof candidate?.compute !== 'function' || typeof candidate.name !== 'string') {
      throw new TypeError(
        `Cannot ${action}: penalties[${i}] must be a Penalty with a name, a target, a weight and the function ` +
          `compute(context), got ${formatValue(penalty)}`,
      );
    }
    checkPart(action, `penalties[${i}]`, penalty);
    checkHooks(action, `penalties[${i}]`, penalty, ['check']);
    checkNames(action, `penalties[${i}].slots`, penalty.slots ?? []);
    const name = `penalties[${i}] ('${penalty.name}')`;
    checkOneOf(action, `target of ${name}`, penalty.target, ['generator', 'discriminator']);
    checkScheduled(action, `weight of ${name}`, penalty.weight, penaltyWeights);
    checkPositiveInteger(action, `every of ${name}`, penalty.every ?? 1);
    if ((penalty.slots ?? []).length === 0 || typeof penalty.updateSlots === 'function') return;
    throw new TypeError(
      `Cannot ${action}: ${name} must have the function updateSlots(weight, update) for its slots, got none`,
    );
  });
  return [...penalties];
}

/** The constraints, checked. @internal */
export function checkConstraints(
  constraints: readonly Constraint[] | undefined,
  { networks }: Game,
): readonly Constraint[] {
  if (constraints === undefined) return [];
  checkList('constraints', constraints);
  const trained = Object.keys(networks).filter((name) => networks[name]!.optimizer !== undefined);
  constraints.forEach((constraint, i) => {
    const candidate = constraint as Partial<Constraint> | null | undefined;
    if (typeof candidate?.bind !== 'function' || typeof candidate.name !== 'string') {
      throw new TypeError(
        `Cannot ${action}: constraints[${i}] must be a Constraint with a name, a target and the function ` +
          `bind(model, network, seed), got ${formatValue(constraint)}`,
      );
    }
    checkPart(action, `constraints[${i}]`, constraint);
    const name = `target of constraints[${i}] ('${constraint.name}')`;
    checkOneOf(action, name, constraint.target, [...trained, 'all']);
  });
  return [...constraints];
}

function checkList(name: string, given: unknown): void {
  if (Array.isArray(given)) return;
  throw new TypeError(`Cannot ${action}: ${name} must be an array, got ${formatValue(given)}`);
}

/** Both networks' optimizers, checked, or the default. @internal */
export function checkOptimizers(
  given: NonNullable<TrainerOptions['optimizers']> = {},
): Readonly<Record<'generator' | 'discriminator', OptimizerSpec>> {
  checkPerNetwork(action, 'optimizers', given);
  const { generator = adam(), discriminator = adam() } = given;
  checkOptimizer(action, 'optimizers.generator', generator);
  checkOptimizer(action, 'optimizers.discriminator', discriminator);
  return { generator, discriminator };
}

/** The weights of a discriminator's heads, checked, or the default. @internal */
export function checkAuxiliary(
  weights: NonNullable<TrainerOptions['auxiliaryWeights']> = {},
): Readonly<Record<'generator' | 'discriminator', number | Schedule>> {
  checkPerNetwork(action, 'auxiliaryWeights', weights);
  const { generator = 1, discriminator = 1 } = weights;
  checkScheduled(action, 'auxiliaryWeights.generator', generator, penaltyWeights);
  checkScheduled(action, 'auxiliaryWeights.discriminator', discriminator, penaltyWeights);
  return { generator, discriminator };
}

/** The share of fake samples for the generator's loss, checked, or the default. @internal */
export function checkTopK(topK: number | Schedule = 1): number | Schedule {
  checkScheduled(action, 'topK', topK, topShares);
  return topK;
}

/** @internal */
export function checkUpdates(
  updates: NonNullable<TrainerOptions['updatesPerStep']> = {},
): Required<Numbers> {
  checkPerNetwork(action, 'updatesPerStep', updates);
  const { discriminator = 1, generator = 1 } = updates;
  checkPositiveInteger(action, 'updatesPerStep.discriminator', discriminator);
  checkPositiveInteger(action, 'updatesPerStep.generator', generator);
  return { discriminator, generator };
}

interface Numbers {
  readonly discriminator: number;
  readonly generator: number;
}
