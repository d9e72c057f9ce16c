import { describeScheduled } from '../../core/schedules/scheduled-number.ts';
import type { Constraint } from '../../constraints/constraint.ts';
import { describeParts, partOrders, prefixed } from '../../games/describe-parts.ts';
import type { Game, Turn } from '../../games/game.ts';
import type { OptimizerSpec } from '../../optimizers/optimizer.ts';
import type { EmaSettings } from '../step/ema.ts';

/**
 * Every setting that affects the result of training, by name, flat and ready for JSON.
 *
 * @example The differences between two recipes
 * ```ts
 * const one: TrainerConfiguration = createMlpGan({ sampleShape: [2] }).trainer.configuration;
 * const optimizers = { discriminator: adam({ learningRate: 4e-4 }) };
 * const other: TrainerConfiguration = createMlpGan({ sampleShape: [2], optimizers }).trainer.configuration;
 * console.log(Object.keys(one).filter((name) => one[name] !== other[name])); // [ 'optimizers.discriminator.learningRate' ]
 * ```
 */
export type TrainerConfiguration = Readonly<Record<string, string | number | boolean>>;

/** Input of {@link describeConfiguration}. @internal */
export interface ConfigurationParts {
  readonly game: Game;
  readonly constraints: readonly Constraint[];
  /** The averages of networks, by their names. */
  readonly ema: Readonly<Record<string, EmaSettings | undefined>>;
  readonly seed: number;
}

/** @internal */
export function describeConfiguration(parts: ConfigurationParts): TrainerConfiguration {
  const { game, constraints, ema, seed } = parts;
  const networks = Object.entries(game.networks);
  return {
    seed,
    game: game.name,
    ...game.settings,
    ...describeParts('constraints', constraints, ({ target, settings }) => ({
      target,
      ...settings,
    })),
    ...partOrders('constraints', constraints, Object.keys(game.networks)),
    ...merged(
      networks.map(([name]) => {
        const own = ema[name];
        return own === undefined ? {} : prefixed(`ema.${name}`, describeEma(own));
      }),
    ),
    ...merged(game.turns.map(describeTurn)),
    ...merged(
      networks.map(([name, { optimizer }]) =>
        optimizer === undefined ? {} : prefixed(`optimizers.${name}`, describeOptimizer(optimizer)),
      ),
    ),
  };
}

/**
 * The frozen layers of each trained network, in order; networks without any are left out.
 *
 * @internal
 */
export function frozenLayers(
  networks: ReadonlyMap<string, { readonly weights: FrozenWeights; readonly optimizer: unknown }>,
): TrainerConfiguration {
  const entries = [...networks].flatMap(([network, { weights, optimizer }]) => {
    const frozen = optimizer === undefined ? [] : weights.filter((weight) => weight.frozen);
    const layers = [...new Set(frozen.map(({ layerKey }) => layerKey))];
    return layers.length > 0 ? [[`frozen.${network}`, layers.join(', ')] as const] : [];
  });
  return Object.fromEntries(entries);
}

type FrozenWeights = readonly { readonly frozen: boolean; readonly layerKey: string }[];

/** The differences between two configurations: one line for each setting. @internal */
export function configurationDifferences(
  was: TrainerConfiguration,
  is: TrainerConfiguration,
): string[] {
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names]
    .filter((name) => !isSame(name, was[name], is[name]))
    .map((name) => `${name}: was ${String(was[name] ?? 'none')}, is ${String(is[name] ?? 'none')}`);
}

/** The format of {@link orders} and `clipGradients`. */
const orderName = /^(penalties|constraints)\.order\.\w+$|^optimizers\.\w+\.clip\.order$/;

type Setting = TrainerConfiguration[string] | undefined;

/**
 * Orders differ if two entries that both have are swapped; an entry that only one has differs by
 * its own settings.
 */
function isSame(name: string, was: Setting, is: Setting): boolean {
  if (was === is || !orderName.test(name)) return was === is;
  const [before, after] = [String(was).split(', '), String(is).split(', ')];
  const both = before.filter((part) => after.includes(part));
  return both.join() === after.filter((part) => before.includes(part)).join();
}

/** Whether a network has another optimizer, so that its memory has another meaning. @internal */
export function isOptimizerReplaced(
  network: string,
  was: TrainerConfiguration,
  is: TrainerConfiguration,
): boolean {
  const setting = `optimizers.${network}.name`;
  return was[setting] !== is[setting];
}

/** Settings of how often a turn is played, if not the default. */
function describeTurn(turn: Turn): TrainerConfiguration {
  const { name, times = 1, accumulate = 1 } = turn;
  return {
    ...(times !== 1 && { [`turns.${name}.times`]: times }),
    ...(accumulate !== 1 && { [`turns.${name}.accumulate`]: accumulate }),
  };
}

function describeEma({ rule, startStep }: EmaSettings): TrainerConfiguration {
  return { ...describeScheduled(rule.name, rule.value), startStep };
}

function describeOptimizer(spec: OptimizerSpec): TrainerConfiguration {
  const { name, learningRate, settings } = spec;
  return { name, ...describeScheduled('learningRate', learningRate), ...settings };
}

function merged(settings: readonly TrainerConfiguration[]): TrainerConfiguration {
  return Object.assign({}, ...settings) as TrainerConfiguration;
}
