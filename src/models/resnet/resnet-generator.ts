import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger } from '../../core/checks.ts';
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
import { stageCount } from '../image-shape.ts';
import { type LatentDistribution, latentDistributions, latentNames } from '../latents.ts';
import { ResidualBlocks } from './residual-blocks.ts';
import { pass } from '../symbolic.ts';
import { type ResnetOptions, resnetSizes } from './resnet-options.ts';

/**
 * Settings of {@link resnetGenerator}.
 *
 * @example Gray images in 0…1 from eight latents
 * ```ts
 * const options: ResnetGeneratorOptions = { imageShape: [8, 8, 1], baseFilters: 4, latentSize: 8 };
 * const generator = resnetGenerator({ ...options, outputActivation: 'sigmoid' });
 * console.log(generator.outputShape, generator.valueRange); // [ 8, 8, 1 ] [ 0, 1 ]
 * generator.dispose();
 * ```
 */
export interface ResnetGeneratorOptions extends ResnetOptions {
  /**
   * Number of latents of one image.
   *
   * @defaultValue `128`
   */
  readonly latentSize?: number | undefined;
  /**
   * Distribution of the latents.
   *
   * @defaultValue `'normal'`
   */
  readonly latentDistribution?: LatentDistribution | undefined;
  /**
   * Last activation, which bounds the pixels: tanh to −1…1, sigmoid to 0…1.
   *
   * @defaultValue `'tanh'`
   */
  readonly outputActivation?: 'tanh' | 'sigmoid' | undefined;
}

/**
 * The residual generator of WGAN-GP and SNGAN: a small feature map, then blocks that each double
 * its sides.
 *
 * With f base filters, for 32×32 images:
 *
 *     latents               → [128]
 *     dense                 → [4, 4, f]
 *     residual block, up    → [8, 8, f]     BN, ReLU, upsampling, conv 3×3, BN, ReLU, conv 3×3; plus a 1×1 shortcut
 *     residual block, up    → [16, 16, f]
 *     residual block, up    → [32, 32, f]
 *     BN, ReLU, conv, tanh  → [32, 32, 3]
 *
 * Weights use Glorot's uniform initialization, scaled by √2 inside the blocks, as in SNGAN's code.
 *
 * @param options - Sizes, latents and seed.
 * @returns A generator that owns its model.
 * @throws RangeError if the image's sides cannot be halved, or a size is not a positive integer.
 *
 * @example For small color images
 * ```ts
 * const generator = resnetGenerator({ imageShape: [16, 16, 3], baseFilters: 8 });
 * console.log(generator.outputShape); // [16, 16, 3]
 * generator.dispose();
 * ```
 *
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, table 4.
 * {@link https://arxiv.org/abs/1802.05957}
 */
export function resnetGenerator(
  options: ResnetGeneratorOptions & ClassConditioning,
): Generator<ClassInputs>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A generator that owns its model.
 */
export function resnetGenerator(
  options: ResnetGeneratorOptions & VectorConditioning,
): Generator<VectorInputs>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns A generator that owns its model.
 */
export function resnetGenerator(
  options: ResnetGeneratorOptions & NoConditioning,
): Generator<Unconditional>;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A generator that owns its model.
 */
export function resnetGenerator(options: ResnetGeneratorOptions & ConditioningOptions): Generator;
export function resnetGenerator(options: ResnetGeneratorOptions & ConditioningOptions): Generator {
  const action = 'create a residual generator';
  const { baseFilters, seed } = resnetSizes(action, options, [
    ...latentNames,
    ...conditioningNames,
  ]);
  const conditioning = Conditioning.of(action, options);
  const isNormalizedByClass = conditioning?.method === 'projection';
  const { imageShape, latentSize = 128, latentDistribution = 'normal' } = options;
  const { outputActivation = 'tanh' } = options;
  const stages = stageCount(action, imageShape);
  checkPositiveInteger(action, 'latentSize', latentSize);
  checkOneOf(action, 'outputActivation', outputActivation, ['tanh', 'sigmoid'] as const);
  checkOneOf(action, 'latentDistribution', latentDistribution, latentDistributions);

  const [height, width, channels] = imageShape;
  const start = [height / 2 ** stages, width / 2 ** stages, baseFilters] as const;
  const blocks = new ResidualBlocks(
    baseFilters,
    seed,
    isNormalizedByClass ? conditioning : undefined,
  );
  const latents = tf.input({ shape: [latentSize] });
  const units = start[0] * start[1] * start[2];
  const dense = tf.layers.dense({ units, kernelInitializer: blocks.initializer() });
  const given =
    conditioning === undefined || isNormalizedByClass ? latents : conditioning.joinedTo(latents);
  let x = pass(tf.layers.reshape({ targetShape: [...start] }), pass(dense, given));
  for (let stage = 0; stage < stages; stage += 1) x = blocks.up(x);
  const image = blocks.convolution(channels, blocks.plainlyNormalized(x), 1, outputActivation);
  const inputs: GeneratorInputs = conditioning?.inputsWith(latentSize) ?? { latents: latentSize };
  const model = tf.model({
    inputs: conditioning === undefined ? latents : [latents, conditioning.input],
    outputs: image,
  });
  return new Generator({ model, inputs, latentDistribution, ownsModel: true });
}
