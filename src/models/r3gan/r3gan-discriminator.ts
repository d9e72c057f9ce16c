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
import { Discriminator } from '../discriminator.ts';
import { endDiscriminator } from '../discriminator-end.ts';
import { R3ganBlocks } from './r3gan-blocks.ts';
import { pass } from '../symbolic.ts';
import { type R3ganNetworkOptions, r3ganSizes } from './r3gan-options.ts';

/**
 * R3GAN's discriminator, the mirror image of {@link r3ganGenerator}: residual blocks at each size,
 * without any normalization, then a weighted sum over places for each channel and one over
 * channels.
 *
 * With f base filters, for 28×28 images:
 *
 *     1×1 conv                  → [28, 28, f]
 *     residual block            → [28, 28, f]
 *     half as large, 1×1 conv   → [14, 14, 2f]
 *     residual block            → [14, 14, 2f]
 *     half as large, 1×1 conv   → [7, 7, 4f]
 *     residual block            → [7, 7, 4f]
 *     7×7 depthwise conv        → [4f]
 *     dense                     → [1]              a logit
 *
 * Samples do not see each other, as gradient penalties need it. Its logits have no zero point of
 * their own: it is meant for {@link RelativisticLoss}.
 *
 * @param options - Sizes and seed.
 * @returns A discriminator that owns its model.
 * @throws RangeError if the image's sides cannot be halved, or a size is not a positive integer.
 *
 * @example For small color images
 * ```ts
 * const discriminator = r3ganDiscriminator({ imageShape: [16, 16, 3], baseFilters: 4 });
 * console.log(discriminator.inputShape); // [ 16, 16, 3 ]
 * discriminator.dispose();
 * ```
 *
 * @see Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024.
 * {@link https://arxiv.org/abs/2501.05441}
 */
export function r3ganDiscriminator(
  options: R3ganNetworkOptions & ClassConditioning,
): Discriminator<'labels'>;
/**
 * The same for conditions of several numbers: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A discriminator that owns its model.
 */
export function r3ganDiscriminator(
  options: R3ganNetworkOptions & VectorConditioning,
): Discriminator<'condition'>;
/**
 * The same without conditions.
 *
 * @param options - Settings.
 * @returns A discriminator that owns its model.
 */
export function r3ganDiscriminator(options: R3ganNetworkOptions & NoConditioning): Discriminator;
/**
 * The same for options of which a type does not know whether they include a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A discriminator that owns its model.
 */
export function r3ganDiscriminator(
  options: R3ganNetworkOptions & ConditioningOptions,
): Discriminator<string, string>;
export function r3ganDiscriminator(
  options: R3ganNetworkOptions & ConditioningOptions,
): Discriminator<string, string> {
  const action = 'create an R3GAN discriminator';
  const sizes = r3ganSizes(action, options, conditioningNames, true);
  const { filters, blocks: perSize, smallest, seed } = sizes;
  const conditioning = Conditioning.of(action, options);

  const blocks = new R3ganBlocks(seed, perSize * filters.length);
  const residuals = (x: tf.SymbolicTensor): tf.SymbolicTensor =>
    Array.from({ length: perSize }).reduce<tf.SymbolicTensor>((y) => blocks.residual(y), x);
  const image = tf.input({ shape: [...options.imageShape] });
  const given = conditioning?.method === 'concat' ? conditioning.joinedToImage(image) : image;
  let x = residuals(blocks.convolution(given, filters[0]));
  for (const width of filters.slice(1)) x = residuals(blocks.down(x, width));
  const [height, width] = smallest;
  const depthwiseInitializer = blocks.initializer(height * width);
  const kernelSize: [number, number] = [height, width];
  const sums = { kernelSize, useBias: false, depthwiseInitializer };
  x = pass(tf.layers.flatten(), pass(tf.layers.depthwiseConv2d(sums), x));
  const kernelInitializer = blocks.initializer(filters.at(-1)!);
  if (conditioning === undefined) {
    // Relativistic losses compare logits with each other: an offset would do nothing.
    const dense = tf.layers.dense({ units: 1, useBias: false, kernelInitializer });
    return new Discriminator({
      model: tf.model({ inputs: image, outputs: pass(dense, x) }),
      ownsModel: true,
    });
  }
  return endDiscriminator(
    { samples: image, features: x, conditioning },
    () => blocks.initializer(filters.at(-1)!),
    deriveSeed(seed, 'head'),
  );
}
