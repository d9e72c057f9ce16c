import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../core/random.ts';
import {
  type ClassConditioning,
  Conditioning,
  conditioningNames,
  type ConditioningOptions,
  type NoConditioning,
  type VectorConditioning,
} from '../conditioning.ts';
import type { Discriminator } from '../discriminator.ts';
import { endDiscriminator } from '../discriminator-end.ts';
import { type ImageShape, stageCount } from '../image-shape.ts';
import { ResidualBlocks } from './residual-blocks.ts';
import { pass, relu } from '../symbolic.ts';
import { type ResnetOptions, resnetSizes } from './resnet-options.ts';

/** Sides at or below this are not halved: the paper halves its 32×32 images to it. */
const largestKept = 8;

/**
 * The residual discriminator of SNGAN: blocks that halve the image, two blocks that keep its size,
 * the sum over all pixels, one logit.
 *
 * The image is halved once, and again as long as a side is above 8 and both stay integers of at
 * least 4: 32×32 ends at 8×8, 28×28 at 7×7, 28×30 at 14×15.
 *
 * With f base filters, for 32×32 images:
 *
 *     image                 → [32, 32, 3]
 *     residual block, down  → [16, 16, f]     conv 3×3, ReLU, conv 3×3, average of 2×2; plus a 1×1 shortcut
 *     residual block, down  → [8, 8, f]       ReLU before each convolution from here on
 *     residual block        → [8, 8, f]
 *     residual block        → [8, 8, f]
 *     ReLU, sum             → [f]
 *     dense                 → [1]             a logit
 *
 * It has no batch statistics, so it works with gradient penalties; it was designed for
 * {@link SpectralNorm}. Weights use Glorot's uniform initialization, scaled by √2 inside the
 * blocks.
 *
 * @param options - Sizes and seed.
 * @returns A discriminator that owns its model.
 * @throws RangeError if the image's sides cannot be halved, or a size is not a positive integer.
 *
 * @example For small color images
 * ```ts
 * const discriminator = resnetDiscriminator({ imageShape: [16, 16, 3], baseFilters: 8 });
 * console.log(discriminator.inputShape); // [16, 16, 3]
 * discriminator.dispose();
 * ```
 *
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, table 4.
 * {@link https://arxiv.org/abs/1802.05957}
 */
export function resnetDiscriminator(
  options: ResnetOptions & ClassConditioning,
): Discriminator<'labels'>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A discriminator that owns its model.
 */
export function resnetDiscriminator(
  options: ResnetOptions & VectorConditioning,
): Discriminator<'condition'>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns A discriminator that owns its model.
 */
export function resnetDiscriminator(options: ResnetOptions & NoConditioning): Discriminator;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A discriminator that owns its model.
 */
export function resnetDiscriminator(
  options: ResnetOptions & ConditioningOptions,
): Discriminator<string, string>;
export function resnetDiscriminator(
  options: ResnetOptions & ConditioningOptions,
): Discriminator<string, string> {
  const action = 'create a residual discriminator';
  const { baseFilters, seed } = resnetSizes(action, options, conditioningNames);
  const conditioning = Conditioning.of(action, options);
  const { imageShape } = options;
  stageCount(action, imageShape, { isJudged: true });

  const blocks = new ResidualBlocks(baseFilters, seed);
  const image = tf.input({ shape: [...imageShape] });
  let x = blocks.first(
    conditioning?.method === 'concat' ? conditioning.joinedToImage(image) : image,
  );
  const halvings = halvingCount(imageShape);
  for (let stage = 1; stage < halvings; stage += 1) x = blocks.down(x);
  x = relu(blocks.keep(blocks.keep(x)));
  // TensorFlow.js has no layer that sums over pixels: the average, times their number.
  const places = (x.shape[1] ?? 1) * (x.shape[2] ?? 1);
  x = pass(tf.layers.globalAveragePooling2d({}), x);
  x = pass(tf.layers.rescaling({ scale: places }), x);
  return endDiscriminator(
    { samples: image, features: x, conditioning },
    () => blocks.initializer(),
    deriveSeed(seed, 'head'),
  );
}

/**
 * Number of times the image is halved: at least once, until neither side is above 8 or one would be
 * below 4.
 */
function halvingCount([height, width]: ImageShape): number {
  const goesOn = (halved: number): boolean =>
    [height, width].some((side) => side / 2 ** halved > largestKept) &&
    [height, width].every((side) => side % 2 ** (halved + 1) === 0 && side / 2 ** halved >= 8);
  let count = 1;
  while (goesOn(count)) count += 1;
  return count;
}
