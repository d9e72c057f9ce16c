import { checkOptions } from '../core/checks.ts';
import { deriveSeed } from '../core/random.ts';
import {
  type ClassConditioning,
  type ClassInputs,
  conditioningNames,
  conditioningOf,
  type ConditioningOptions,
  type NoConditioning,
  type VectorConditioning,
  type VectorInputs,
} from '../models/conditioning.ts';
import type { Unconditional } from '../models/generator-inputs.ts';
import type { Discriminator } from '../models/discriminator.ts';
import { mlpDiscriminator } from '../models/mlp/mlp-discriminator.ts';
import { mlpGenerator, type MlpGeneratorOptions } from '../models/mlp/mlp-generator.ts';
import { latentNames } from '../models/latents.ts';
import { ruleNames } from '../training/check-parts.ts';
import type { Gan } from '../training/gan.ts';
import { assembleGan, pick, type PresetTrainerOptions, seenShape } from './assemble-gan.ts';

/**
 * Settings of {@link createMlpGan}.
 *
 * @example Points in space, from uniform latents
 * ```ts
 * const options: CreateMlpGanOptions = { sampleShape: [3], hiddenUnits: [32, 32], latentSize: 3, latentDistribution: 'uniform' };
 * const gan = createMlpGan(options);
 * const points = gan.generator.sample(10, { seed: 1 });
 * console.log(points.shape); // [ 10, 3 ]
 * gan.dispose();
 * ```
 */
export type CreateMlpGanOptions = Omit<MlpGeneratorOptions, 'seed' | 'hiddenUnits'> &
  PresetTrainerOptions & {
    /**
     * Widths of the generator's hidden layers, from latents to sample. The discriminator has the
     * same in reverse.
     *
     * @defaultValue `[256, 512]`
     */
    readonly hiddenUnits?: readonly number[] | undefined;
  };

const names: readonly (keyof CreateMlpGanOptions)[] = [
  ...ruleNames,
  ...(['sampleShape', 'hiddenUnits'] as const),
  ...latentNames,
];

/**
 * A GAN of dense layers in one call, for vectors, points, or small images: the original GAN.
 *
 * Both networks use ReLU and He initialization; the generator ends in tanh for images and is linear
 * for vectors; Adam with learning rate 0.0002 and β₁ 0.5; binary cross-entropy.
 *
 * @param options - Sample shape, widths, loss, optimizers, seed.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 * @throws RangeError if a number is out of range.
 *
 * @example Eight Gaussians on a ring
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2], latentSize: 2, hiddenUnits: [64, 64] });
 * await gan.trainer.fit(ring8({ size: 1024 }), { steps: 2, batchSize: 64 });
 * gan.dispose();
 * ```
 *
 * @see Goodfellow et al., Generative Adversarial Networks, 2014.
 *   {@link https://arxiv.org/abs/1406.2661}
 */
export function createMlpGan(options: CreateMlpGanOptions & ClassConditioning): Gan<ClassInputs>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createMlpGan(options: CreateMlpGanOptions & VectorConditioning): Gan<VectorInputs>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createMlpGan(options: CreateMlpGanOptions & NoConditioning): Gan<Unconditional>;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns The networks and their trainer; `dispose()` frees all of it.
 */
export function createMlpGan(options: CreateMlpGanOptions & ConditioningOptions): Gan;
export function createMlpGan(options: CreateMlpGanOptions & ConditioningOptions): Gan {
  const action = 'create an MLP GAN';
  checkOptions(action, options, [...names, ...conditioningNames]);
  const { seed = 42, sampleShape, hiddenUnits = [256, 512] } = options;
  const generator = mlpGenerator({
    sampleShape,
    hiddenUnits,
    ...pick(options, latentNames),
    ...conditioningOf(options),
    seed: deriveSeed(seed, 'generator'),
  });
  const makeDiscriminator = (): Discriminator<string, string> =>
    mlpDiscriminator({
      sampleShape: seenShape(action, sampleShape, options),
      hiddenUnits: [...hiddenUnits].reverse(),
      ...conditioningOf(options),
      seed: deriveSeed(seed, 'discriminator'),
    });
  return assembleGan(generator, makeDiscriminator, options);
}
