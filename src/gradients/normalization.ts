import * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';
import { changeKernelInputs } from '../tfjs-internals/kernel-calls.ts';
import { isRecording } from '../tfjs-internals/tape.ts';
import { gradientOf } from './gradient-of.ts';
import { sumToShape } from './sum-to-shape.ts';

/**
 * The gradient of batch normalization with given statistics.
 *
 * tfjs's gradient tiles the statistics to the shape of the samples, and its second order would
 * slice them again for each pixel of each sample; broadcasting gives the same values.
 *
 * @internal
 */
export function normalizationGradients(): readonly tf.GradConfig[] {
  return [
    gradientOf(
      tf.FusedBatchNorm,
      ['x', 'mean', 'variance', 'scale'],
      (dy, { x, mean, variance, scale }, { varianceEpsilon }: tf.FusedBatchNormAttrs) => {
        checkLiesAlongLastAxes(x.shape, mean.shape);
        const deviation = (): tf.Tensor => tf.sub(x, mean);
        const scaled = (): tf.Tensor => tf.mul(dy, scale);
        const inverse = tf.rsqrt(tf.add(variance, tf.scalar(varianceEpsilon)));
        const byStatistic = (gradient: tf.Tensor, statistic: tf.Tensor): tf.Tensor =>
          tf.reshape(sumToShape(gradient, statistic.shape), statistic.shape);
        return {
          x: () => tf.mul(tf.mul(dy, inverse), scale),
          mean: () => byStatistic(tf.mul(tf.mul(inverse, tf.scalar(-1)), scaled()), mean),
          variance: () => {
            const cube = tf.mul(tf.mul(inverse, inverse), inverse);
            const slope = tf.mul(cube, tf.scalar(-0.5));
            return byStatistic(tf.mul(tf.mul(slope, deviation()), scaled()), variance);
          },
          scale: () => byStatistic(tf.mul(dy, tf.mul(deviation(), inverse)), mean),
          offset: () => byStatistic(dy, mean),
        };
      },
    ),
  ];
}

/**
 * Refuses statistics along other axes: the kernels of cpu and of wasm-train treat them as those of
 * the last axes.
 */
function checkLiesAlongLastAxes(shape: readonly number[], statistics: readonly number[]): void {
  const own = statistics.slice(statistics.findIndex((size) => size !== 1));
  const last = shape.slice(shape.length - own.length);
  if (statistics.every((size) => size === 1) || own.every((size, i) => size === last[i])) return;
  throw new RangeError(
    'Cannot compute the gradient of FusedBatchNorm: mean and variance must have the shape of the last axes, got the shape ' +
      `${formatShape(statistics)} for an input of the shape ${formatShape(shape)}. Normalize the last axis, or compute ` +
      'it with tf.moments, tf.sub and tf.mul',
  );
}

/**
 * Fixes gradients of batch normalization without a scale or an offset.
 *
 * tfjs records the missing ones as inputs and then fails on them, even at first order, before it
 * calls any registered gradient: under a gradient, ones and zeros replace them.
 *
 * @internal
 */
export function fixMissingScaleAndOffset(): void {
  changeKernelInputs(tf.FusedBatchNorm, (inputs) => (isRecording() ? complete(inputs) : inputs));
}

function complete(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
  const { mean, scale, offset } = inputs;
  return {
    ...inputs,
    scale: scale ?? tf.onesLike(mean!),
    offset: offset ?? tf.zerosLike(mean!),
  };
}
