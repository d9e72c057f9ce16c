import * as tf from '@tensorflow/tfjs';

/** The two constants of Wang et al., 2004. */
const k1 = 0.01;
const k2 = 0.03;

/**
 * Makes the local means of planes, `[count, height, width, 1]`, kept inside the image.
 *
 * @internal
 */
export type LocalMeans = (plane: tf.Tensor4D) => tf.Tensor4D;

/** [batch, height, width, channels] → [batch·channels, height, width, 1]. @internal */
export function planesOf(images: tf.Tensor4D): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  return tf.reshape(tf.transpose(images, [0, 3, 1, 2]), [count * channels, height, width, 1]);
}

/**
 * Local means by the same weights along both axes, as two passes; the weights sum to one.
 *
 * @internal
 */
export function weightedMeans(line: readonly number[]): LocalMeans {
  const size = line.length;
  return (plane) => {
    const down = tf.conv2d(plane, tf.tensor4d([...line], [size, 1, 1, 1]), 1, 'valid');
    return tf.conv2d(down, tf.tensor4d([...line], [1, size, 1, 1]), 1, 'valid');
  };
}

/** The weights of a Gaussian window of a side. @internal */
export function gaussianLine(size: number, deviation: number): readonly number[] {
  const bell = Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * deviation ** 2)),
  );
  const total = bell.reduce((sum, value) => sum + value, 0);
  return bell.map((value) => value / total);
}

/**
 * Means over each plane of the contrast–structure term and of the whole SSIM.
 *
 * @param means - The window.
 * @param range - Of the pixels.
 * @param correction - What local variances and covariances are multiplied by: n / (n − 1) for those
 *   of samples.
 *
 * @internal
 */
export function similarityOf(
  x: tf.Tensor4D,
  y: tf.Tensor4D,
  {
    means,
    range,
    correction = 1,
  }: {
    readonly means: LocalMeans;
    readonly range: number;
    readonly correction?: number;
  },
): { contrast: tf.Tensor; full: tf.Tensor } {
  const [c1, c2] = [(k1 * range) ** 2, (k2 * range) ** 2];
  const [mx, my] = [means(x), means(y)];
  const meanProduct = tf.mul(mx, my);
  const meanSquares = tf.add(tf.square(mx), tf.square(my));
  const corrected = (variance: tf.Tensor): tf.Tensor =>
    correction === 1 ? variance : tf.mul(variance, correction);
  const covariance = corrected(tf.sub(means(tf.mul(x, y)), meanProduct));
  const variances = corrected(tf.sub(means(tf.add(tf.square(x), tf.square(y))), meanSquares));
  const contrast = tf.div(tf.add(tf.mul(2, covariance), c2), tf.add(variances, c2));
  const brightness = tf.div(tf.add(tf.mul(2, meanProduct), c1), tf.add(meanSquares, c1));
  const mean = (map: tf.Tensor): tf.Tensor => tf.mean(map, [1, 2, 3]);
  return { contrast: mean(contrast), full: mean(tf.mul(contrast, brightness)) };
}
