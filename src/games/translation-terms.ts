import * as tf from '@tensorflow/tfjs';

/** Mean absolute difference of two pictures (L1). @internal */
export function meanDistance(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.mean(tf.abs(tf.sub(x, y)));
}
