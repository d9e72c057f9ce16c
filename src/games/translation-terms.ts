import * as tf from '@tensorflow/tfjs';

/** Mean absolute difference of two pictures (L1). @internal */
export function meanDistance(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return tf.mean(tf.abs(tf.sub(x, y)));
}

/** A term times its weight; of weight 0 it is left out. @internal */
export function scaled(term: tf.Tensor, weight: number): tf.Tensor | undefined {
  if (weight === 0) return undefined;
  return weight === 1 ? term : tf.mul(term, weight);
}
