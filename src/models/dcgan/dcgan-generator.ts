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
import { setOrthogonalWeights } from '../orthogonal-weights.ts';
import { type LatentDistribution, latentDistributions, latentNames } from '../latents.ts';
import { LayerStack } from '../layer-stack.ts';
import { type DcganNetworkOptions, type DcganSizes, dcganSizes } from './dcgan-options.ts';
import { DcganInitializers } from './initializers.ts';

/**
 * Settings of {@link dcganGenerator}.
 *
 * @example Few latents, one for each slider of a page, and pixels in 0…1
 * ```ts
 * const sizes: DcganGeneratorOptions = { imageShape: [8, 8, 3], baseFilters: 4, latentSize: 6 };
 * const generator = dcganGenerator({ ...sizes, outputActivation: 'sigmoid' });
 * console.log(generator.latentSize, generator.valueRange); // 6 [ 0, 1 ]
 * generator.dispose();
 * ```
 */
export interface DcganGeneratorOptions extends DcganNetworkOptions {
  /**
   * Number of latents of one image.
   *
   * @defaultValue `100`
   */
  readonly latentSize?: number | undefined;
  /**
   * Distribution of the latents.
   *
   * @defaultValue `'normal'`; the paper uses `'uniform'`
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
 * DCGAN's generator: a dense layer to a small feature map, then transposed convolutions that double
 * its sides.
 *
 * With n stages and f base filters, for 28×28 images (n = 2, f = 64):
 *
 *     latents            → [100]
 *     dense, BN, ReLU    → [7, 7, 128]      sides / 2ⁿ, f · 2ⁿ⁻¹ filters
 *     convᵀ, BN, ReLU    → [14, 14, 128]    stride 2
 *     convᵀ, BN, ReLU    → [28, 28, 64]     stride 2, half the filters at each further stage
 *     convᵀ, tanh        → [28, 28, 1]      stride 1
 *
 * Weights are initialized with N(0, 0.02); batch norm has momentum 0.9 and ε 1e-5.
 *
 * @param options - Sizes, latents and seed.
 * @returns A generator that owns its model.
 * @throws RangeError if the image's sides cannot be halved, or a size is not a positive integer.
 *
 * @example The generator of the MNIST tutorial
 * ```ts
 * const generator = dcganGenerator({ imageShape: [28, 28, 1], baseFilters: 64 });
 * console.log(generator.outputShape); // [28, 28, 1]
 * generator.dispose();
 * ```
 *
 * @see Radford et al., Unsupervised Representation Learning with Deep Convolutional GANs, 2016,
 * section 3. {@link https://arxiv.org/abs/1511.06434}
 */
export function dcganGenerator(
  options: DcganGeneratorOptions & ClassConditioning,
): Generator<ClassInputs>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A generator that owns its model.
 */
export function dcganGenerator(
  options: DcganGeneratorOptions & VectorConditioning,
): Generator<VectorInputs>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns A generator that owns its model.
 */
export function dcganGenerator(
  options: DcganGeneratorOptions & NoConditioning,
): Generator<Unconditional>;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A generator that owns its model.
 */
export function dcganGenerator(options: DcganGeneratorOptions & ConditioningOptions): Generator;
export function dcganGenerator(options: DcganGeneratorOptions & ConditioningOptions): Generator {
  const action = 'create a DCGAN generator';
  const sizes = dcganSizes(action, options, [...latentNames, ...conditioningNames]);
  return buildGenerator(action, options, sizes, Conditioning.of(action, options));
}

/** The generator with checked sizes and any condition. @internal */
export function buildGenerator(
  action: string,
  options: DcganGeneratorOptions,
  sizes: DcganSizes,
  conditioning: Conditioning | undefined,
): Generator {
  const { stages, baseFilters, kernelSize, normalization, initializer, seed, denseUnits } = sizes;
  const { imageShape, latentSize = 100, outputActivation = 'tanh' } = options;
  const { latentDistribution = 'normal' } = options;
  checkPositiveInteger(action, 'latentSize', latentSize);
  checkOneOf(action, 'outputActivation', outputActivation, ['tanh', 'sigmoid'] as const);
  checkOneOf(action, 'latentDistribution', latentDistribution, latentDistributions);

  const [height, width, channels] = imageShape;
  const start = [height / 2 ** stages, width / 2 ** stages, baseFilters * 2 ** (stages - 1)];
  const weights = new DcganInitializers(seed);
  const convolution = { kernelSize, padding: 'same' as const };
  const stack = new LayerStack([latentSize], conditioning);
  // Normalization has its own offset, so the layer before it has no bias.
  const useBias = normalization === 'none';
  // Without batch norm the condition is concatenated with the latents.
  const isNormalizedByClass = conditioning?.method === 'projection' && normalization === 'batch';
  const activate = (): void => {
    if (isNormalizedByClass) {
      stack.condition((top, by) => by.normalized(top, weights.conditional()));
    } else for (const layer of weights.between(normalization)) stack.add(layer);
    stack.add(tf.layers.reLU());
  };

  if (!isNormalizedByClass) stack.condition((top, by) => by.joinedTo(top));
  if (denseUnits !== undefined) {
    for (const layer of weights.dense(denseUnits, normalization)) stack.add(layer);
    stack.add(tf.layers.reLU());
  }
  stack.add(
    tf.layers.dense({
      ...stack.inputShape,
      units: start.reduce((product, size) => product * size, 1),
      kernelInitializer: weights.kernel(),
      useBias,
    }),
  );
  // The paper normalizes each filter of the small feature map over its pixels, not each unit
  // separately.
  stack.add(tf.layers.reshape({ targetShape: start }));
  activate();
  for (let stage = 0; stage < stages; stage += 1) {
    stack.add(
      tf.layers.conv2dTranspose({
        ...convolution,
        filters: baseFilters * 2 ** (stages - 1 - stage),
        strides: 2,
        kernelInitializer: weights.kernel(),
        useBias,
      }),
    );
    activate();
  }
  stack.add(
    tf.layers.conv2dTranspose({
      ...convolution,
      filters: channels,
      activation: outputActivation,
      kernelInitializer: weights.kernel(),
    }),
  );
  const model = stack.generatorModel();
  if (initializer === 'orthogonal') setOrthogonalWeights(model, { seed });
  const inputs: GeneratorInputs = conditioning?.inputsWith(latentSize) ?? { latents: latentSize };
  return new Generator({ model, inputs, latentDistribution, ownsModel: true });
}
