import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../core/random.ts';

/** Of values that are like one, or all zero. */
const largest = 1e-3;

/**
 * How far to move each value of a tensor for central differences: a hundredth of what its values are like, so that what
 * depends on them stays nearly straight, and never more than a thousandth.
 *
 * @returns A scalar.
 * @internal
 */
export function stepOf(tensor: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const size = tf.sqrt(tf.mean(tf.square(tensor)));
    const step = tf.minimum(tf.mul(size, 1e-2), largest);
    return tf.where(tf.greater(size, 1e-15), step, largest);
  });
}

/** A random direction: to one side or the other, in each value. @internal */
export function randomSigns(like: tf.Tensor, random: Random): tf.Tensor {
  const signs = Float32Array.from({ length: like.size }, () => (random.uniform() < 0.5 ? -1 : 1));
  return tf.tensor(signs, like.shape);
}

/** Where to look along a direction, in steps. @internal */
export const places = [2, 1, -1, -2] as const;

/**
 * The change of a value by a step, from the values at {@link places}, and how far it may be off because the value bends
 * within the steps.
 *
 * @internal
 */
export function changeByStep(values: readonly number[]): {
  readonly change: number;
  readonly bend: number;
} {
  const [twoAbove = Number.NaN, above = Number.NaN, below = Number.NaN, twoBelow = Number.NaN] =
    values;
  const near = (above - below) / 2;
  const far = (twoAbove - twoBelow) / 4;
  // A third of their difference is what the bend does, where it is a slight one.
  return { change: near + (near - far) / 3, bend: Math.abs(near - far) };
}
