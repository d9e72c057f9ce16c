import * as tf from '@tensorflow/tfjs';
import { constant, mask, masked } from './constant.ts';
import { gradientOf } from './gradient-of.ts';
import { linkSavedOutput } from './linked-output.ts';
import { sumToShape } from './sum-to-shape.ts';

/** Kernels whose gradients tfjs computes from the saved output, with the names of their inputs. */
function savedOutputs(): readonly (readonly [kernelName: string, inputs: readonly string[]])[] {
  return [
    [tf.Tanh, ['x']],
    [tf.Sigmoid, ['x']],
    [tf.Exp, ['x']],
    [tf.Elu, ['x']],
    [tf.Softmax, ['logits']],
    [tf.LogSoftmax, ['logits']],
  ];
}

/**
 * Gradients of elementwise functions and of softmax. Piecewise linear ones have constant
 * derivatives on each side.
 *
 * @internal
 */
export function activationGradients(): tf.GradConfig[] {
  return [
    ...savedOutputs().map(([name, inputs]) => linkSavedOutput(name, inputs)),
    linkSavedOutput(tf.Pow, ['a', 'b'], pow()),
    ...kinked(),
    eluGrad(),
  ];
}

/** tfjs's own factors: λ·α and λ of Klambauer et al., Self-Normalizing Neural Networks, 2017. */
const seluScale = 1.0507009873554805;
const seluScaleAlpha = 1.7580993408473768;

function kinked(): readonly tf.GradConfig[] {
  return [
    gradientOf(tf.Relu, ['x'], (dy, { x }) => ({
      x: () => masked(dy, () => tf.step(x)),
    })),
    gradientOf(tf.Abs, ['x'], (dy, { x }) => ({
      x: () => masked(dy, () => tf.step(tf.cast(x, 'float32'), -1)),
    })),
    gradientOf(tf.LeakyRelu, ['x'], (dy, { x }, { alpha }: tf.LeakyReluAttrs) => ({
      x: () => masked(dy, () => tf.step(x, alpha)),
    })),
    gradientOf(tf.Prelu, ['x', 'alpha'], (dy, { x, alpha }) => {
      const positive = constant(() => tf.greater(x, 0));
      return {
        x: () => tf.where(positive, dy, tf.mul(dy, alpha)),
        alpha: () =>
          tf.reshape(
            sumToShape(tf.where(positive, tf.zerosLike(dy), tf.mul(dy, x)), alpha.shape),
            alpha.shape,
          ),
      };
    }),
    gradientOf(tf.Relu6, ['x'], (dy, { x }) => ({
      x: () => masked(dy, () => tf.mul(tf.lessEqual(x, 6), tf.step(x))),
    })),
    gradientOf(tf.Selu, ['x'], (dy, { x }) => ({
      x: () =>
        tf.where(
          constant(() => tf.greater(x, 0)),
          tf.mul(dy, seluScale),
          // Not computed from x itself: for large x the exponential is infinite, and infinity times
          // zero is NaN.
          tf.mul(tf.mul(dy, seluScaleAlpha), tf.exp(tf.minimum(tf.cast(x, 'float32'), 0))),
        ),
    })),
  ];
}

/** Of `dy · (y ≥ 0 ? 1 : y + 1)`, with y the output of elu. */
function eluGrad(): tf.GradConfig {
  return gradientOf(tf.EluGrad, ['dy', 'y'], (ddx, { dy, y }) => ({
    dy: () => tf.engine().runKernel<tf.Tensor>(tf.EluGrad, { dy: ddx, y }),
    y: () => masked(tf.mul(ddx, dy), () => tf.less(y, 0)),
  }));
}

/**
 * Same as tfjs's, except that the derivative b·aᵇ⁻¹ is 1·a⁰ or 0·a⁻¹ for b = 1 or 0: tfjs's would
 * be zero times infinity at a = 0.
 */
function pow(): tf.GradConfig {
  const registered = tf.getGradient(tf.Pow);
  return {
    ...registered,
    gradFunc: (dy, saved, attributes) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      return {
        ...registered.gradFunc(dy, saved, attributes),
        a: () => {
          const exponent = tf.cast(b, 'float32');
          const isZero = mask(() => tf.equal(exponent, 0));
          const power = tf.pow(a, tf.add(tf.sub(exponent, tf.scalar(1)), isZero));
          const slopes = tf.mul(dy as tf.Tensor, tf.mul(exponent, power));
          return tf.reshape(sumToShape(slopes, a.shape), a.shape);
        },
      };
    },
  };
}
