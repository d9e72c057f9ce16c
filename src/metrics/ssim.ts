import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { checkValueRange, imageRange, type ValueRange } from '../core/value-range.ts';
import { meanOverPairs } from './numerics/paired-images.ts';
import {
  gaussianLine,
  planesOf,
  similarityOf,
  weightedMeans,
} from './numerics/structural-similarity.ts';

/** Sides of the two windows. */
const sides = { gaussian: 11, uniform: 7 } as const;
const deviation = 1.5;

/**
 * Structural similarity of images with their partners: 1 for equal ones, about 0 for unrelated
 * ones.
 *
 *     (2·μx·μy + c₁)(2·σxy + c₂) / ((μx² + μy² + c₁)(σx² + σy² + c₂)),  c₁ = (0.01 · range)², c₂ = (0.03 · range)²
 *
 * with means μ, variances σ² and the covariance σxy in a window around each pixel that has the
 * whole window inside the image; then the mean over pixels, channels and images.
 *
 * - Shapes: both are `[batch, height, width, channels]` and equal; sides of at least 11 (Gaussian)
 *   or 7 (uniform).
 * - Memory: the images stay the caller's; 64 are compared at a time.
 *
 * @param first - Images.
 * @param second - Their partners.
 * @param options - Window and range of the pixels.
 * @returns The mean, −1…1.
 * @throws RangeError if the shapes differ, are not those of images or too small, or a pixel is not
 *   finite; TypeError if an option is unknown.
 *
 * @example Noise on pictures
 * ```ts
 * const images = tf.randomUniform<tf.Rank.R4>([4, 16, 16, 3], -1, 1, 'float32', 1);
 * const noisy = tf.add<tf.Tensor4D>(images, tf.randomNormal([4, 16, 16, 3], 0, 0.5, 'float32', 2));
 * console.log((await ssim(images, noisy)) < 0.9); // true
 * ```
 *
 * @see Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004,
 *   equation 13.
 * @see scikit-image's `structural_similarity`, which gives the same: with
 *   `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`, or with its defaults.
 */
export async function ssim(
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  options: {
    /**
     * The window that local means and variances are taken in: an 11 × 11 Gaussian of deviation 1.5,
     * as in the paper, or 7 × 7 equal weights with variances of samples (divided by 48),
     * scikit-image's default.
     *
     * @defaultValue `'gaussian'`
     */
    readonly window?: 'gaussian' | 'uniform' | undefined;
    /**
     * The lowest and the highest value a pixel may have.
     *
     * @defaultValue `[-1, 1]`
     */
    readonly valueRange?: ValueRange | undefined;
  } = {},
): Promise<number> {
  const action = 'compute the SSIM';
  checkOptions(action, options, ['window', 'valueRange']);
  const { window = 'gaussian', valueRange = imageRange } = options;
  checkOneOf(action, 'window', window, ['gaussian', 'uniform']);
  checkValueRange(action, 'valueRange', valueRange);
  const [side, range] = [sides[window], valueRange[1] - valueRange[0]];
  const [, height, width] = first.shape;
  if (Math.min(height, width) < side) {
    throw new RangeError(
      `Cannot ${action}: height and width must be at least ${side}, the side of the window, got ${formatShape(first.shape)}`,
    );
  }
  const isGaussian = window === 'gaussian';
  const line = isGaussian ? gaussianLine(side, deviation) : new Array<number>(side).fill(1 / side);
  const settings = {
    means: weightedMeans(line),
    range,
    correction: isGaussian ? 1 : side ** 2 / (side ** 2 - 1),
  };
  return meanOverPairs(action, [first, second], (x, y) => {
    const { full } = similarityOf(planesOf(x), planesOf(y), settings);
    const [count, , , channels] = x.shape;
    return tf.mean(tf.reshape(full, [count, channels]), 1);
  });
}
