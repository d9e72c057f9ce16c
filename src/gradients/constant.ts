import * as tf from '@tensorflow/tfjs';

/**
 * Computes something that no gradient flows through, such as a mask of the regions of a piecewise
 * linear function.
 *
 * An operation without inputs is never between a weight and a loss, so tfjs leaves it, and
 * everything it computes, out of every backward pass: a mask costs nothing there and needs no
 * gradient.
 *
 * @param make - Computes the constant; its operations are not recorded.
 * @returns Tracked like the result of any operation.
 * @internal
 */
export function constant<T extends tf.Tensor>(make: () => T): T {
  return tf.customGrad<T>(() => ({ value: make(), gradFunc: () => [] }))();
}

/** A mask of zeros and ones as a constant of type float32. @internal */
export function mask(make: () => tf.Tensor): tf.Tensor {
  return constant(() => tf.cast(make(), 'float32'));
}

/** A gradient where a condition holds, and zero elsewhere; the condition is a constant. @internal */
export function masked(dy: tf.Tensor, make: () => tf.Tensor): tf.Tensor {
  return tf.mul(dy, mask(make));
}
