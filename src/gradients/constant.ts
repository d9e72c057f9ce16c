import * as tf from '@tensorflow/tfjs';

/**
 * Computes something that no gradient flows through, such as the mask of where a slope changes.
 *
 * An operation that takes no inputs is never on the way from a weight to a loss, so tfjs leaves it, and what it is
 * made of, out of every backward pass: a mask costs nothing there and needs no gradient.
 *
 * @param make - Its operations are not recorded.
 * @returns Tracked as any operation's result is.
 * @internal
 */
export function constant<T extends tf.Tensor>(make: () => T): T {
  return tf.customGrad<T>(() => ({ value: make(), gradFunc: () => [] }))();
}

/** A mask of zeros and ones as a constant of type float32. @internal */
export function mask(make: () => tf.Tensor): tf.Tensor {
  return constant(() => tf.cast(make(), 'float32'));
}
