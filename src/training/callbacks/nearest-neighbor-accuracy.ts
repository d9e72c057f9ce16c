import * as tf from '@tensorflow/tfjs';

/**
 * How well samples are told from real ones by the nearest other sample alone: the share of both whose nearest neighbor is of their
 * own kind. One half where they are alike, 1 where they lie apart.
 *
 * @param real - `[count, ...sample]`.
 * @param fake - As many.
 * @see Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, 2017, whose classifier is the nearest neighbor here.
 *
 * @internal
 */
export async function nearestNeighborAccuracy(real: tf.Tensor, fake: tf.Tensor): Promise<number> {
  const count = real.shape[0] ?? 0;
  const nearest = tf.tidy(() => {
    const rows = tf.reshape<tf.Rank.R2>(tf.concat([real, fake]), [2 * count, -1]);
    // Far from 0 the squares would leave no digits for what is between neighbors.
    const all = tf.sub<tf.Tensor2D>(rows, tf.mean(rows, 0));
    const squares = tf.sum(tf.square(all), 1, true);
    const products = tf.matMul(all, all, false, true);
    // What does not depend on the row, its own square, leaves the order as it is.
    const distances = tf.sub(tf.transpose(squares), tf.mul(products, 2));
    const itself = tf.mul(tf.eye(2 * count), tf.add(tf.max(tf.abs(distances)), 1));
    return tf.argMin(tf.add(distances, tf.mul(itself, 2)), 1);
  });
  const neighbors = await nearest.data();
  nearest.dispose();
  const right = Array.from(neighbors).filter((at, row) => at < count === row < count);
  return right.length / (2 * count);
}
