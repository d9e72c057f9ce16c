import type { Constraint } from '../losses/constraints/constraint.ts';
import type { Loss } from '../losses/loss.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import type { Generator } from '../models/generator.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { describeScheduled } from '../core/schedules/scheduled-number.ts';
import { uniqueNames } from './unique-names.ts';
import type { EmaSettings } from './ema.ts';

/**
 * Every setting that decides what training computes, by name, flat and fit for JSON.
 *
 * @example What two recipes differ in
 * ```ts
 * const one: TrainerConfiguration = createMlpGan({ sampleShape: [2] }).trainer.configuration;
 * const optimizers = { discriminator: adam({ learningRate: 4e-4 }) };
 * const other: TrainerConfiguration = createMlpGan({ sampleShape: [2], optimizers }).trainer.configuration;
 * console.log(Object.keys(one).filter((name) => one[name] !== other[name])); // [ 'optimizers.discriminator.learningRate' ]
 * ```
 */
export type TrainerConfiguration = Readonly<Record<string, string | number | boolean>>;

/** What {@link describeConfiguration} reads. @internal */
export interface ConfigurationParts {
  readonly generator: Generator;
  readonly loss: Loss;
  readonly penalties: readonly Penalty[];
  readonly constraints: readonly Constraint[];
  readonly ema: EmaSettings | undefined;
  readonly optimizers: { readonly generator: OptimizerSpec; readonly discriminator: OptimizerSpec };
  readonly updates: { readonly discriminator: number; readonly generator: number };
  readonly seed: number;
}

/** @internal */
export function describeConfiguration(parts: ConfigurationParts): TrainerConfiguration {
  const { generator, loss, penalties, constraints, optimizers, updates, seed } = parts;
  const { ema } = parts;
  return {
    seed,
    latentSize: generator.latentSize,
    latentDistribution: generator.latentDistribution,
    ...prefixed('loss', { name: loss.name, ...loss.settings }),
    ...listed('penalties', penalties, ({ target, weight, every = 1, settings }) => ({
      ...{ target, weight, every },
      ...settings,
    })),
    ...listed('constraints', constraints, ({ target, settings }) => ({ target, ...settings })),
    ...orders('penalties', penalties),
    ...orders('constraints', constraints),
    ...prefixed('ema', ema === undefined ? {} : emaConfiguration(ema)),
    ...prefixed('updatesPerStep', updates),
    ...prefixed('optimizers.generator', optimizerSettings(optimizers.generator)),
    ...prefixed('optimizers.discriminator', optimizerSettings(optimizers.discriminator)),
  };
}

/** The layers of each network that are frozen, in order; those of a network without any are not there. @internal */
export function frozenLayers(
  networks: Readonly<Record<'generator' | 'discriminator', { readonly weights: FrozenWeights }>>,
): TrainerConfiguration {
  const entries = (['generator', 'discriminator'] as const).flatMap((network) => {
    const frozen = networks[network].weights.filter((weight) => weight.frozen);
    const layers = [...new Set(frozen.map(({ layerKey }) => layerKey))];
    return layers.length > 0 ? [[`frozen.${network}`, layers.join(', ')]] : [];
  });
  return Object.fromEntries(entries) as TrainerConfiguration;
}

type FrozenWeights = readonly { readonly frozen: boolean; readonly layerKey: string }[];

/** What differs between two configurations: one line for each setting. @internal */
export function configurationDifferences(
  was: TrainerConfiguration,
  is: TrainerConfiguration,
): string[] {
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names]
    .filter((name) => !isSame(name, was[name], is[name]))
    .map((name) => `${name}: was ${String(was[name] ?? 'none')}, is ${String(is[name] ?? 'none')}`);
}

/** What {@link orders} and `clipGradients` write. */
const orderName = /^(penalties|constraints)\.order\.\w+$|^optimizers\.\w+\.clip\.order$/;

type Setting = TrainerConfiguration[string] | undefined;

/** An order differs where two of those that both have are the other way round; what only one has is told by its settings. */
function isSame(name: string, was: Setting, is: Setting): boolean {
  if (was === is || !orderName.test(name)) return was === is;
  const [before, after] = [String(was).split(', '), String(is).split(', ')];
  const both = before.filter((part) => after.includes(part));
  return both.join() === after.filter((part) => before.includes(part)).join();
}

/** In which order several parts of a kind work on one network, which decides what they compute. */
function orders(
  kind: string,
  parts: readonly Pick<Penalty | Constraint, 'name' | 'target'>[],
): TrainerConfiguration {
  const entries = ['generator', 'discriminator'].flatMap((network) => {
    const names = uniqueNames(parts)
      .filter(([, { target }]) => target === network || target === 'both')
      .filter(([, part]) => (part as Partial<Penalty>).weight !== 0)
      .map(([name]) => name);
    return names.length > 1 ? [[`${kind}.order.${network}`, names.join(', ')]] : [];
  });
  return Object.fromEntries(entries) as TrainerConfiguration;
}

function emaConfiguration({ rule, startStep }: EmaSettings): TrainerConfiguration {
  return { ...describeScheduled(rule.name, rule.value), startStep };
}

function optimizerSettings(spec: OptimizerSpec): TrainerConfiguration {
  const { name, learningRate, settings } = spec;
  return { name, ...describeScheduled('learningRate', learningRate), ...settings };
}

/** The settings of several parts of a kind, by the name of each; one named twice is told by its number. */
function listed<T extends { readonly name: string }>(
  kind: string,
  parts: readonly T[],
  describe: (part: T) => TrainerConfiguration,
): TrainerConfiguration {
  const all = uniqueNames(parts).map(([name, part]) => prefixed(`${kind}.${name}`, describe(part)));
  return Object.assign({}, ...all) as TrainerConfiguration;
}

function prefixed(prefix: string, settings: TrainerConfiguration): TrainerConfiguration {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}
