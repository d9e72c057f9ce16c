import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositiveInteger, checkSeed } from '../../core/checks.ts';
import { deriveSeed, layerSeed } from '../../core/random.ts';
import {
  type ClassConditioning,
  Conditioning,
  conditioningNames,
  type ConditioningOptions,
  type NoConditioning,
  type VectorConditioning,
} from '../conditioning.ts';
import type { Discriminator } from '../discriminator.ts';
import { LayerStack } from '../layer-stack.ts';
import { type ImageShape, stageCount } from '../image-shape.ts';

/**
 * Settings of {@link snganDiscriminator}.
 *
 * @example A discriminator for a DCGAN's generator
 * ```ts
 * const options: SnganDiscriminatorOptions = { imageShape: [8, 8, 1], baseFilters: 4 };
 * const discriminator = snganDiscriminator(options);
 * const generator = dcganGenerator({ imageShape: options.imageShape, baseFilters: 4 });
 * const rules = { loss: new HingeLoss(), constraints: [new SpectralNorm()] };
 * await new Trainer({ generator, discriminator, ...rules }).fit(dataset, { steps: 1, batchSize: 8 });
 * ```
 */
export interface SnganDiscriminatorOptions {
  /** `[height, width, channels]` of the images; height and width even and at least 8. */
  readonly imageShape: ImageShape;
  /**
   * Filters next to the image; each further stage doubles them.
   *
   * @defaultValue `32`, which a CPU trains on MNIST; the paper uses 64
   */
  readonly baseFilters?: number | undefined;
  /**
   * Determines the initial weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** Negative slope of the LeakyReLU in the paper. */
const leak = 0.1;

/**
 * SNGAN's convolutional discriminator: at each resolution a 3×3 convolution, then a 4×4 one with
 * stride 2.
 *
 * With f base filters, for 32×32 images:
 *
 *     image                     → [32, 32, 3]
 *     conv 3×3, conv 4×4 half   → [16, 16, f]     LeakyReLU 0.1 after each
 *     conv 3×3, conv 4×4 half   → [8, 8, 2f]
 *     conv 3×3, conv 4×4 half   → [4, 4, 4f]
 *     conv 3×3                  → [4, 4, 8f]
 *     dense                     → [1]             a logit
 *
 * It has no batch norm: use it with {@link SpectralNorm}. Weights are initialized with N(0, 0.02).
 *
 * @param options - Sizes and seed.
 * @returns A discriminator that owns its model.
 * @throws RangeError if the image's sides cannot be halved, or a size is not a positive integer.
 *
 * @example For small color images
 * ```ts
 * const discriminator = snganDiscriminator({ imageShape: [16, 16, 3], baseFilters: 8 });
 * console.log(discriminator.inputShape); // [16, 16, 3]
 * discriminator.dispose();
 * ```
 *
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, table 3.
 * {@link https://arxiv.org/abs/1802.05957}
 */
export function snganDiscriminator(
  options: SnganDiscriminatorOptions & ClassConditioning,
): Discriminator<'labels'>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A discriminator that owns its model.
 */
export function snganDiscriminator(
  options: SnganDiscriminatorOptions & VectorConditioning,
): Discriminator<'condition'>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns A discriminator that owns its model.
 */
export function snganDiscriminator(
  options: SnganDiscriminatorOptions & NoConditioning,
): Discriminator;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A discriminator that owns its model.
 */
export function snganDiscriminator(
  options: SnganDiscriminatorOptions & ConditioningOptions,
): Discriminator<string, string>;
export function snganDiscriminator(
  options: SnganDiscriminatorOptions & ConditioningOptions,
): Discriminator<string, string> {
  const action = 'create an SNGAN discriminator';
  checkOptions(action, options, ['imageShape', 'baseFilters', 'seed', ...conditioningNames]);
  const conditioning = Conditioning.of(action, options);
  const { imageShape, baseFilters = 32, seed = 42 } = options;
  const stages = stageCount(action, imageShape, { isJudged: true });
  checkPositiveInteger(action, 'baseFilters', baseFilters);
  checkSeed(action, seed);

  const stack = new LayerStack(imageShape, conditioning);
  if (conditioning?.method === 'concat') stack.condition((top, by) => by.joinedToImage(top));
  let count = 0;
  const initializer = (): ReturnType<typeof tf.initializers.randomNormal> => {
    count += 1;
    return tf.initializers.randomNormal({
      stddev: 0.02,
      seed: layerSeed(seed, 'weights', count),
    });
  };
  const convolution = (filters: number, kernelSize: number, strides: number): void => {
    stack.add(
      tf.layers.conv2d({
        ...stack.inputShape,
        filters,
        kernelSize,
        strides,
        padding: 'same',
        kernelInitializer: initializer(),
      }),
    );
    stack.add(tf.layers.leakyReLU({ alpha: leak }));
  };
  for (let stage = 0; stage < stages; stage += 1) {
    convolution(baseFilters * 2 ** stage, 3, 1);
    convolution(baseFilters * 2 ** stage, 4, 2);
  }
  convolution(baseFilters * 2 ** stages, 3, 1);
  stack.add(tf.layers.flatten());
  return stack.discriminator(initializer, deriveSeed(seed, 'head'));
}
