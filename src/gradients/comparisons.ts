import * as tf from '@tensorflow/tfjs';
import { constant, masked } from './constant.ts';
import { gradientOf } from './gradient-of.ts';
import { sumToShape } from './sum-to-shape.ts';

/** Kernels of two values that return booleans or are piecewise constant. */
function verdictsOnTwo(): readonly string[] {
  return [
    ...[tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual],
    // Its gradient in tfjs is that of a division.
    ...[tf.LogicalAnd, tf.LogicalOr, tf.FloorDiv],
  ];
}

/** Kernels of one value that return booleans. */
function verdictsOnOne(): readonly string[] {
  return [tf.LogicalNot, tf.All, tf.Any];
}

/**
 * Gradients of comparisons: zero for booleans, that of the selected value for maximum and minimum.
 *
 * @internal
 */
export function comparisonGradients(): readonly tf.GradConfig[] {
  return [
    ...verdictsOnTwo().map((name) =>
      gradientOf(name, ['a', 'b'], (_dy, { a, b }) => ({
        a: () => tf.zeros(a.shape),
        b: () => tf.zeros(b.shape),
      })),
    ),
    ...verdictsOnOne().map((name) =>
      gradientOf(name, ['x'], (_dy, { x }) => ({ x: () => tf.zeros(x.shape) })),
    ),
    chosenOfTwo(tf.Maximum, tf.greaterEqual, tf.less),
    chosenOfTwo(tf.Minimum, tf.lessEqual, tf.greater),
    gradientOf(
      tf.ClipByValue,
      ['x'],
      (dy, { x }, { clipValueMin, clipValueMax }: tf.ClipByValueAttrs) => ({
        x: () =>
          tf.where(
            constant(() =>
              tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax)),
            ),
            dy,
            tf.zerosLike(dy),
          ),
      }),
    ),
    gradientOf(tf.SquaredDifference, ['a', 'b'], (dy, { a, b }) => ({
      a: () => sumToShape(tf.mul(dy, tf.mul(tf.scalar(2), tf.sub(a, b))), a.shape),
      b: () => sumToShape(tf.mul(dy, tf.mul(tf.scalar(2), tf.sub(b, a))), b.shape),
    })),
  ];
}

/** A value's gradient goes to the one of two that it came from; the first, if both are equal. */
function chosenOfTwo(
  kernelName: string,
  isFirst: typeof tf.greater,
  isSecond: typeof tf.greater,
): tf.GradConfig {
  return gradientOf(kernelName, ['a', 'b'], (dy, { a, b }) => ({
    a: () =>
      sumToShape(
        masked(dy, () => isFirst(a, b)),
        a.shape,
      ),
    b: () =>
      sumToShape(
        masked(dy, () => isSecond(a, b)),
        b.shape,
      ),
  }));
}
