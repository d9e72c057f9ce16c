import * as tf from '@tensorflow/tfjs';
import { checkSameShape } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { checkValueRange, imageRange, type ValueRange } from '../core/value-range.ts';
import {
  gaussianLine,
  type LocalMeans,
  planesOf,
  similarityOf,
  weightedMeans,
} from './numerics/structural-similarity.ts';

/** Weights of the scales, the finest first (Wang et al., 2003, section 3.2). */
const scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/** Side and standard deviation of the Gaussian window (Wang et al., 2004). */
const windowSize = 11;
const windowDeviation = 1.5;
const imagesAtOnce = 64;

/**
 * Structural similarity of images: 1 for equal ones.
 *
 * As a measure of diversity, compute the mean over random pairs of generated images of one class,
 * and the same for real images: a clearly higher value for the generated ones indicates mode
 * collapse. It does not measure quality.
 *
 * Images are compared with an 11 × 11 Gaussian window, at full size and at repeated halves of it,
 * as long as the window fits, at most five scales: 28 × 28 has 2 scales, 64 × 64 has 3, 256 × 256
 * has 5. With fewer than five scales the weights of the paper are scaled to a sum of one, so values
 * with different numbers of scales are not comparable. For images smaller than the window, the
 * window and its standard deviation shrink. Negative terms count as 0.
 *
 * - Shapes: both are `[batch, height, width, channels]` and equal; image i is compared with image
 *   i.
 * - Memory: the caller keeps owning the images; 64 are compared at a time.
 *
 * @param first - Images.
 * @param second - As many images.
 * @param options - The range of the pixels.
 * @returns The mean over images and channels, 0…1.
 * @throws RangeError if the shapes differ or are not those of images, or a pixel is not finite.
 *
 * @example Similarity of one generator's images
 * ```ts
 * const pairs = [generator.sample(20, { seed: 1 }), generator.sample(20, { seed: 2 })] as tf.Tensor4D[];
 * const alike = await multiScaleSsim(pairs[0]!, pairs[1]!);
 * tf.dispose(pairs);
 * ```
 *
 * @see Wang et al., Multi-scale structural similarity for image quality assessment, 2003.
 * @see Odena et al., Conditional Image Synthesis with Auxiliary Classifier GANs, 2017, section 4.2.
 * {@link https://arxiv.org/abs/1610.09585}
 */
export async function multiScaleSsim(
  first: tf.Tensor4D,
  second: tf.Tensor4D,
  options: {
    /**
     * The range of the pixels.
     *
     * @defaultValue `[-1, 1]`
     */
    readonly valueRange?: ValueRange | undefined;
  } = {},
): Promise<number> {
  const action = 'compute the multi-scale SSIM';
  const { valueRange = imageRange } = options;
  checkValueRange(action, 'valueRange', valueRange);
  checkSameShape(action, 'first and second', first.shape, second.shape);
  const [count, height, width] = first.shape;
  if (first.shape.length !== 4 || count === 0) {
    throw new RangeError(
      `Cannot ${action}: images must have the shape [batch, height, width, channels], got ${formatShape(first.shape)}`,
    );
  }
  const scales = countScales(Math.min(height, width));
  const range = valueRange[1] - valueRange[0];
  let sum = 0;
  for (let from = 0; from < count; from += imagesAtOnce) {
    const size = Math.min(imagesAtOnce, count - from);
    const total = tf.tidy(() => {
      const [x, y] = [first, second].map((images) => planesOf(tf.slice(images, from, size)));
      // NaN if a pixel is not finite; kernels such as relu may remove it.
      const nothing = tf.mul(tf.sum(tf.add(x!, y!)), 0);
      return tf.add(tf.sum(similarity(x!, y!, scales, range)), nothing);
    });
    const [value = NaN] = await total.data();
    total.dispose();
    if (Number.isNaN(value)) {
      throw new RangeError(
        `Cannot ${action}: images must have finite numbers, got others in image ${from} to ${from + size - 1}`,
      );
    }
    sum += value;
  }
  return sum / (count * first.shape[3]);
}

/** Number of scales at which the window fits. */
function countScales(side: number): number {
  let scales = 1;
  while (scales < scaleWeights.length && Math.ceil(side / 2 ** scales) >= windowSize) scales += 1;
  return scales;
}

/** One value for each plane. */
function similarity(x: tf.Tensor4D, y: tf.Tensor4D, scales: number, range: number): tf.Tensor {
  const weights = scaleWeights.slice(0, scales);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let [a, b] = [x, y];
  return weights
    .map((weight, scale) => {
      if (scale > 0) [a, b] = [halved(a), halved(b)];
      const means = windowFor(Math.min(a.shape[1], a.shape[2]));
      const { contrast, full } = similarityOf(a, b, { means, range });
      // Luminance counts at the coarsest scale only.
      return tf.pow(tf.relu(scale === scales - 1 ? full : contrast), weight / all);
    })
    .reduce((product, term) => tf.mul(product, term));
}

/** The Gaussian window, smaller in images that it does not fit into. */
function windowFor(side: number): LocalMeans {
  const size = Math.min(windowSize, side);
  return weightedMeans(gaussianLine(size, (windowDeviation * size) / windowSize));
}

/** Means of 2 × 2 pixels; an odd side first repeats its last line. */
function halved(plane: tf.Tensor4D): tf.Tensor4D {
  const [count, height, width] = plane.shape;
  let even = plane;
  if (height % 2 === 1) {
    even = tf.concat([even, tf.slice(even, [0, height - 1, 0, 0], [count, 1, width, 1])], 1);
  }
  if (width % 2 === 1) {
    const last = tf.slice(even, [0, 0, width - 1, 0], [count, even.shape[1], 1, 1]);
    even = tf.concat([even, last], 2);
  }
  const [rows, columns] = [even.shape[1] / 2, even.shape[2] / 2];
  return tf.reshape(tf.mean(tf.reshape(even, [count, rows, 2, columns, 2]), [2, 4]), [
    count,
    rows,
    columns,
    1,
  ]);
}
