import * as tf from '@tensorflow/tfjs';
import { withDefaults } from '../core/checks.ts';
import { checkValueRange, imageRange, type ValueRange } from '../core/value-range.ts';
import { meanOverPairs } from './numerics/paired-images.ts';

/**
 * Peak signal-to-noise ratio in decibels: how small the squared error between images is; more is
 * better.
 *
 *     10 · log₁₀(range² / mean((x − y)²)), for each image; then the mean over images
 *
 * It compares pictures with their true partners, as those of pix2pix or super-resolution. It favors
 * blurred pictures: a network trained without an adversary often has the higher value, so state a
 * perceptual measure beside it.
 *
 * - Shapes: both are `[batch, height, width, channels]` and equal; image i is compared with image
 *   i.
 * - Memory: the images stay the caller's; 64 are compared at a time.
 *
 * @param first - Images.
 * @param second - Their partners.
 * @param options - The lowest and the highest value a pixel may have, `[-1, 1]` by default.
 * @returns The mean over images; `Infinity` if a pair is equal.
 * @throws RangeError if the shapes differ or are not those of images, or a pixel is not finite;
 *   TypeError if an option is unknown.
 *
 * @example An error of a tenth of the range
 * ```ts
 * const images = tf.zeros<tf.Rank.R4>([2, 8, 8, 1]);
 * const ratio = await psnr(images, tf.fill([2, 8, 8, 1], 0.2));
 * console.log(ratio.toFixed(2)); // 20.00
 * ```
 *
 * @see scikit-image's `peak_signal_noise_ratio`, which gives the same for one image.
 */
export async function psnr(
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  options: { readonly valueRange?: ValueRange | undefined } = {},
): Promise<number> {
  const action = 'compute the PSNR';
  const { valueRange } = withDefaults(action, options, { valueRange: imageRange });
  checkValueRange(action, 'valueRange', valueRange);
  const range = valueRange[1] - valueRange[0];
  return meanOverPairs(action, [first, second], (x, y) => {
    const error = tf.mean(tf.squaredDifference(x, y), [1, 2, 3]);
    // An infinite pixel must not pass for a bad picture.
    const finite = tf.mul(tf.sub(error, error), 0);
    return tf.add(tf.mul(tf.log(tf.div(range ** 2, error)), 10 / Math.LN10), finite);
  });
}
