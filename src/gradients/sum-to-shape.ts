import * as tf from '@tensorflow/tfjs';

/** Sums a gradient over the axes along which a tensor of this shape was broadcast. @internal */
export function sumToShape(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), [...shape]);
}
