import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger } from '../../core/checks.ts';
import { deriveSeed } from '../../core/random.ts';
import {
  type ClassConditioning,
  type ClassInputs,
  Conditioning,
  conditioningNames,
  type ConditioningOptions,
  type NoConditioning,
  type VectorConditioning,
  type VectorInputs,
} from '../conditioning.ts';
import { Generator } from '../generator.ts';
import type { GeneratorInputs, Unconditional } from '../generator-inputs.ts';
import { type LatentDistribution, latentDistributions, latentNames } from '../latents.ts';
import { LayerStack } from '../layer-stack.ts';
import { type MlpNetworkOptions, mlpSizes } from './mlp-options.ts';

/**
 * Settings of {@link mlpGenerator}.
 *
 * @example Colors with three components in 0…1
 * ```ts
 * const options: MlpGeneratorOptions = { sampleShape: [3], latentSize: 4, outputActivation: 'sigmoid' };
 * const colors = mlpGenerator(options);
 * console.log(colors.valueRange); // [ 0, 1 ]
 * colors.dispose();
 * ```
 */
export interface MlpGeneratorOptions extends MlpNetworkOptions {
  /**
   * Number of latents of one sample.
   *
   * @defaultValue `100`
   */
  readonly latentSize?: number | undefined;
  /**
   * Distribution of the latents.
   *
   * @defaultValue `'normal'`
   */
  readonly latentDistribution?: LatentDistribution | undefined;
  /**
   * Last activation: tanh bounds the output to −1…1, sigmoid to 0…1, linear not at all.
   *
   * @defaultValue `'tanh'` for images, `'linear'` for vectors
   */
  readonly outputActivation?: 'tanh' | 'sigmoid' | 'linear' | undefined;
}

/**
 * A fully connected generator: dense layers with ReLU between them, as in the original GAN.
 *
 * Weights use He's normal initialization, which preserves the variance of activations with ReLU.
 *
 * @param options - Sizes, latents and seed.
 * @returns A generator that owns its model.
 * @throws RangeError if a size is not a positive integer.
 *
 * @example For 2-D points
 * ```ts
 * const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [128, 128] });
 * generator.dispose();
 * ```
 *
 * @see Goodfellow et al., Generative Adversarial Networks, 2014.
 *   {@link https://arxiv.org/abs/1406.2661}
 */
export function mlpGenerator(
  options: MlpGeneratorOptions & ClassConditioning,
): Generator<ClassInputs>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A generator that owns its model.
 */
export function mlpGenerator(
  options: MlpGeneratorOptions & VectorConditioning,
): Generator<VectorInputs>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns A generator that owns its model.
 */
export function mlpGenerator(
  options: MlpGeneratorOptions & NoConditioning,
): Generator<Unconditional>;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A generator that owns its model.
 */
export function mlpGenerator(options: MlpGeneratorOptions & ConditioningOptions): Generator;
export function mlpGenerator(options: MlpGeneratorOptions & ConditioningOptions): Generator {
  const action = 'create a fully connected generator';
  const { hiddenUnits, sampleSize, seed } = mlpSizes(
    action,
    options,
    [256, 512],
    [...latentNames, ...conditioningNames],
  );
  const conditioning = Conditioning.of(action, options);
  const { sampleShape, latentSize = 100, latentDistribution = 'normal' } = options;
  const { outputActivation = sampleShape.length === 3 ? 'tanh' : 'linear' } = options;
  checkPositiveInteger(action, 'latentSize', latentSize);
  checkOneOf(action, 'outputActivation', outputActivation, ['tanh', 'sigmoid', 'linear'] as const);
  checkOneOf(action, 'latentDistribution', latentDistribution, latentDistributions);

  const stack = new LayerStack([latentSize], conditioning);
  stack.condition((top, by) => by.joinedTo(top));
  hiddenUnits.forEach((units, place) => {
    stack.add(
      tf.layers.dense({
        ...stack.inputShape,
        units,
        activation: 'relu',
        kernelInitializer: tf.initializers.heNormal({ seed: deriveSeed(seed, 'weights', place) }),
      }),
    );
  });
  stack.add(
    tf.layers.dense({
      units: sampleSize,
      activation: outputActivation,
      kernelInitializer: tf.initializers.glorotNormal({ seed: deriveSeed(seed, 'output') }),
    }),
  );
  if (sampleShape.length !== 1) stack.add(tf.layers.reshape({ targetShape: [...sampleShape] }));
  const inputs: GeneratorInputs = conditioning?.inputsWith(latentSize) ?? { latents: latentSize };
  return new Generator({
    model: stack.generatorModel(),
    inputs,
    latentDistribution,
    ownsModel: true,
  });
}
