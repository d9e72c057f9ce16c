import * as tf from '@tensorflow/tfjs';

/**
 * Accuracy of a leave-one-out nearest-neighbor classifier of real and fake samples: the share of
 * samples whose nearest neighbor is of the same kind. It is 0.5 if the distributions are equal and
 * 1 if they are separated.
 *
 * @param real - `[count, ...sample]`.
 * @param fake - The same shape.
 * @see Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, 2017; the classifier here is
 * the nearest neighbor.
 *
 * @internal
 */
export async function nearestNeighborAccuracy(real: tf.Tensor, fake: tf.Tensor): Promise<number> {
  const count = real.shape[0] ?? 0;
  const nearest = tf.tidy(() => {
    const rows = tf.reshape<tf.Rank.R2>(tf.concat([real, fake]), [2 * count, -1]);
    // Centered first: far from 0, rounding errors of the squares would exceed the distances between
    // neighbors.
    const all = tf.sub<tf.Tensor2D>(rows, tf.mean(rows, 0));
    const squares = tf.sum(tf.square(all), 1, true);
    const products = tf.matMul(all, all, false, true);
    // The row's own square is left out, because it does not change the order.
    const distances = tf.sub(tf.transpose(squares), tf.mul(products, 2));
    const itself = tf.mul(tf.eye(2 * count), tf.add(tf.max(tf.abs(distances)), 1));
    return tf.argMin(tf.add(distances, tf.mul(itself, 2)), 1);
  });
  const neighbors = await nearest.data();
  nearest.dispose();
  const right = Array.from(neighbors).filter((at, row) => at < count === row < count);
  return right.length / (2 * count);
}
