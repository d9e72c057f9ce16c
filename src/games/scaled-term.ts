import * as tf from '@tensorflow/tfjs';

/** A term times its weight; of weight 0 it is left out. @internal */
export function scaled(term: tf.Tensor, weight: number): tf.Tensor | undefined {
  if (weight === 0) return undefined;
  return weight === 1 ? term : tf.mul(term, weight);
}
