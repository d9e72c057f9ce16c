import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger } from '../../core/checks.ts';
import { deriveSeed } from '../../core/random.ts';
import { LearnedBasis } from '../../layers/learned-basis.ts';
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
import { type LatentDistribution, latentDistributions } from '../latents.ts';
import { R3ganBlocks } from './r3gan-blocks.ts';
import { pass } from '../symbolic.ts';
import { type R3ganNetworkOptions, r3ganSizes } from './r3gan-options.ts';

/**
 * Settings of {@link r3ganGenerator}.
 *
 * @example Small color images from eight latents
 * ```ts
 * const options: R3ganGeneratorOptions = { imageShape: [8, 8, 3], baseFilters: 4, latentSize: 8 };
 * const generator = r3ganGenerator(options);
 * console.log(generator.latentSize, generator.outputShape); // 8 [ 8, 8, 3 ]
 * generator.dispose();
 * ```
 */
export interface R3ganGeneratorOptions extends R3ganNetworkOptions {
  /**
   * How many numbers one image is generated from.
   *
   * @defaultValue `64`
   */
  readonly latentSize?: number | undefined;
  /**
   * Where latents are drawn from.
   *
   * @defaultValue `'normal'`
   */
  readonly latentDistribution?: LatentDistribution | undefined;
}

/** Names of the settings that this network has besides its sizes. @internal */
export const r3ganLatentNames = ['latentSize', 'latentDistribution'] as const;

/**
 * R3GAN's generator: a learned 7×7 image for each feature, then residual blocks at each size,
 * without any normalization.
 *
 * With f base filters, for 28×28 images:
 *
 *     latents                     → [64]
 *     dense, learned basis        → [7, 7, 4f]
 *     residual block              → [7, 7, 4f]      1×1, 3×3, 1×1 convolutions with 8f filters inside
 *     1×1 conv, twice as large    → [14, 14, 2f]
 *     residual block              → [14, 14, 2f]
 *     1×1 conv, twice as large    → [28, 28, f]
 *     residual block              → [28, 28, f]
 *     1×1 conv                    → [28, 28, 1]     no tanh: pixels may leave −1…1
 *
 * The paper's 3×3 convolutions are in groups of 8 to 16 channels, of which TensorFlow.js has none;
 * here each is whole.
 *
 * @param options - Sizes, latents and seed.
 * @returns A generator that owns its model.
 * @throws RangeError if the image's sides cannot be halved, or a size is not a positive integer.
 *
 * @example For MNIST
 * ```ts
 * const generator = r3ganGenerator({ imageShape: [28, 28, 1], baseFilters: 4 });
 * const images = generator.sample(2, { seed: 1 });
 * console.log(images.shape); // [ 2, 28, 28, 1 ]
 * tf.dispose(images);
 * generator.dispose();
 * ```
 *
 * @see Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024.
 * {@link https://arxiv.org/abs/2501.05441}
 */
export function r3ganGenerator(
  options: R3ganGeneratorOptions & ClassConditioning,
): Generator<ClassInputs>;
/**
 * The same for conditions of several numbers: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A generator that owns its model.
 */
export function r3ganGenerator(
  options: R3ganGeneratorOptions & VectorConditioning,
): Generator<VectorInputs>;
/**
 * The same without conditions.
 *
 * @param options - Settings.
 * @returns A generator that owns its model.
 */
export function r3ganGenerator(
  options: R3ganGeneratorOptions & NoConditioning,
): Generator<Unconditional>;
/**
 * The same for options of which a type does not know whether they include a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A generator that owns its model.
 */
export function r3ganGenerator(options: R3ganGeneratorOptions & ConditioningOptions): Generator;
export function r3ganGenerator(options: R3ganGeneratorOptions & ConditioningOptions): Generator {
  const action = 'create an R3GAN generator';
  const own = [...r3ganLatentNames, ...conditioningNames];
  const { filters, blocks: perSize, smallest, seed } = r3ganSizes(action, options, own);
  const conditioning = Conditioning.of(action, options);
  const { imageShape, latentSize = 64, latentDistribution = 'normal' } = options;
  checkPositiveInteger(action, 'latentSize', latentSize);
  checkOneOf(action, 'latentDistribution', latentDistribution, latentDistributions);

  const blocks = new R3ganBlocks(seed, perSize * filters.length);
  const residuals = (x: tf.SymbolicTensor): tf.SymbolicTensor =>
    Array.from({ length: perSize }).reduce<tf.SymbolicTensor>((y) => blocks.residual(y), x);
  const latents = tf.input({ shape: [latentSize] });
  const given = conditioning?.joinedTo(latents) ?? latents;
  const kernelInitializer = blocks.initializer(given.shape.at(-1)!);
  const dense = tf.layers.dense({ units: filters.at(-1)!, useBias: false, kernelInitializer });
  const [height, width] = smallest;
  const basis = new LearnedBasis({ height, width, seed: deriveSeed(seed, 'basis') });
  let x = residuals(pass(basis, pass(dense, given)));
  for (const width of filters.slice(0, -1).reverse()) x = residuals(blocks.up(x, width));
  const image = blocks.convolution(x, imageShape[2]);
  const inputs: GeneratorInputs = conditioning?.inputsWith(latentSize) ?? { latents: latentSize };
  const model = tf.model({
    inputs: conditioning === undefined ? latents : [latents, conditioning.input],
    outputs: image,
  });
  return new Generator({ model, inputs, latentDistribution, ownsModel: true });
}
