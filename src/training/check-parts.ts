import { checkHooks, checkNames, checkPart } from '../core/check-part.ts';
import {
  checkNonNegative,
  checkOneOf,
  checkOptions,
  checkPerNetwork,
  checkPositiveInteger,
  checkSameShape,
} from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import type { Constraint } from '../losses/constraints/constraint.ts';
import type { Loss } from '../losses/loss.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import { Discriminator } from '../models/discriminator.ts';
import { Generator } from '../models/generator.ts';
import { adam } from '../optimizers/adam.ts';
import { checkOptimizer } from '../optimizers/check-optimizer.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import type { UpdatesPerStep } from './steps/adversarial-step.ts';
import type { TrainerOptions } from './trainer-options.ts';

const action = 'create a Trainer';

/** Refuses names that mean nothing to a trainer, such as `penalty`. @internal */
export function checkTrainerOptions(options: TrainerOptions): void {
  const names: readonly (keyof TrainerOptions)[] = [
    ...(['generator', 'discriminator', 'loss', 'penalties', 'constraints'] as const),
    ...(['ema', 'optimizers', 'updatesPerStep', 'seed'] as const),
  ];
  checkOptions(action, options, names);
}

/** The two networks, checked. @internal */
export function checkNetworks(generator: Generator, discriminator: Discriminator): void {
  if (!(generator instanceof Generator)) throw wrongNetwork('generator', 'Generator', generator);
  if (!(discriminator instanceof Discriminator)) {
    throw wrongNetwork('discriminator', 'Discriminator', discriminator);
  }
  generator.checkAlive(action, 'the Generator');
  discriminator.checkAlive(action, 'the Discriminator');
  const names = "the generator's samples and the discriminator's input";
  checkSameShape(action, names, generator.outputShape, discriminator.inputShape);
}

/** The loss, and whether it reads what the discriminator answers. @internal */
export function checkLoss(loss: Loss, discriminator: Discriminator): void {
  const candidate = loss as Partial<Loss> | null | undefined;
  if (typeof candidate?.discriminator !== 'function' || typeof candidate.generator !== 'function') {
    throw new TypeError(
      `Cannot ${action}: loss must have the functions discriminator(real, fake) and generator(fake), ` +
        `got ${formatValue(loss)}`,
    );
  }
  checkPart(action, 'loss', loss);
  for (const flag of ['usesRealLogits', 'multiLogit'] as const) {
    checkOneOf<boolean | undefined>(action, `loss.${flag}`, loss[flag], [true, false, undefined]);
  }
  // A default, as in (fake, real = …), is not counted among the parameters: whoever writes one has thought of its absence.
  if (loss.generator.length > 1 && loss.usesRealLogits !== true) {
    throw new TypeError(
      `Cannot ${action}: loss.usesRealLogits must be true where generator(fake, real) takes the real logits, ` +
        `got ${String(loss.usesRealLogits)}. Set usesRealLogits: true, or take fake alone`,
    );
  }
  const border = loss.decisionBoundary ?? 0;
  if (border !== 'midpoint' && !Number.isFinite(border)) {
    throw new TypeError(
      `Cannot ${action}: decisionBoundary of loss must be a finite number or 'midpoint', got ${formatValue(border)}`,
    );
  }
  const shape = discriminator.model.outputs[0]?.shape ?? [];
  // [batch] and [batch, …, 1] hold one logit for each sample or patch.
  if (loss.multiLogit === true || shape.length < 2 || shape.at(-1) === 1) return;
  throw new RangeError(
    `Cannot ${action}: discriminator must answer one logit for each sample, or for each patch of one, got a model with ` +
      `the output shape ${formatShape(shape)}. End it in units: 1 or filters: 1, with no flatten behind them; a loss ` +
      'that reads several logits says multiLogit: true',
  );
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
    checkNonNegative(action, `weight of ${name}`, penalty.weight);
    checkPositiveInteger(action, `every of ${name}`, penalty.every ?? 1);
    if ((penalty.slots ?? []).length === 0 || typeof penalty.updateSlots === 'function') return;
    throw new TypeError(
      `Cannot ${action}: ${name} must have the function updateSlots(weight, update) for its slots, got none`,
    );
  });
  return [...penalties];
}

/** The constraints, checked. @internal */
export function checkConstraints(constraints: readonly Constraint[] = []): readonly Constraint[] {
  checkList('constraints', constraints);
  constraints.forEach((constraint, i) => {
    const candidate = constraint as Partial<Constraint> | null | undefined;
    if (typeof candidate?.bind !== 'function' || typeof candidate.name !== 'string') {
      throw new TypeError(
        `Cannot ${action}: constraints[${i}] must be a Constraint with a name, a target and the function ` +
          `bind(model, network, seed), got ${formatValue(constraint)}`,
      );
    }
    checkPart(action, `constraints[${i}]`, constraint);
    const targets = ['generator', 'discriminator', 'both'] as const;
    const name = `target of constraints[${i}] ('${constraint.name}')`;
    checkOneOf(action, name, constraint.target, targets);
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

/** @internal */
export function checkUpdates(updates: UpdatesPerStep = {}): Required<Numbers> {
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

function wrongNetwork(role: string, kind: string, given: unknown): TypeError {
  const looksRight = typeof given === 'object' && given !== null && 'model' in given;
  const cure = looksRight
    ? 'It comes from another copy of tfjs-gan: import and require give two, so use one of them throughout'
    : `Wrap a model: new ${kind}({ model })`;
  return new TypeError(
    `Cannot ${action}: ${role} must be a ${kind}, got ${formatValue(given)}. ${cure}`,
  );
}
