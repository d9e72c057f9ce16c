import * as tf from '@tensorflow/tfjs';
import { batchNormWeights } from '../../../tfjs-internals/linear-layers.ts';
import { handleOf } from '../../../tfjs-internals/tensor-handle.ts';
import { batchNormTraining, batchNormTrainingGradient } from '../kernels/batch-norm-training.ts';
import type { PlannedLayer, RunKernel } from './planned-layer.ts';

type Three = [tf.TensorInfo, tf.TensorInfo, tf.TensorInfo];

/**
 * Batch norm over the last axis, with the statistics of the batch.
 *
 * @param rank - Of its input.
 * @internal
 */
export function plannedBatchNorm(layer: tf.layers.Layer, rank: number): PlannedLayer | undefined {
  const norm = batchNormWeights(layer, rank);
  if (norm === undefined) return undefined;
  const { momentum, epsilon, gamma, beta, movingMean, movingVariance } = norm;
  const named = (weights: readonly (tf.TensorInfo | undefined)[]) => {
    const [scale, offset] = gamma ? weights : [undefined, ...weights];
    return { ...(scale && { scale }), ...(offset && { offset }) };
  };
  return {
    weights: [gamma, beta].filter((weight) => weight !== null && weight !== undefined),
    forward: (run, x, weights, { moves }) => {
      const [y, mean, variance] = run<Three>(
        batchNormTraining,
        { x, ...named(weights) },
        { epsilon },
      );
      if (moves) {
        move(run, movingMean, mean, momentum);
        move(run, movingVariance, variance, momentum);
      }
      return { y, saved: [x, mean, variance] };
    },
    backward: (run, dy, [x, mean, variance], weights) => {
      const { scale } = named(weights);
      const inputs = { dy, x: x!, mean: mean!, variance: variance!, ...(scale && { scale }) };
      const [dx, dScale, dOffset] = run<Three>(batchNormTrainingGradient, inputs, { epsilon });
      return { x: dx, weights: [...(gamma ? [dScale] : []), ...(beta ? [dOffset] : [])] };
    },
  };
}

/** Updates a moving statistic as tfjs does. */
function move(
  run: RunKernel,
  variable: tf.LayerVariable,
  batch: tf.TensorInfo,
  momentum: number,
): void {
  const before = variable.read() as tf.TensorInfo;
  const share = run(tf.Fill, {}, { shape: [], value: 1 - momentum, dtype: 'float32' });
  const apart = run(tf.Sub, { a: before, b: batch });
  const change = run(tf.Multiply, { a: apart, b: share });
  const next = run(tf.Sub, { a: before, b: change });
  const value = handleOf(next);
  variable.write(value);
  value.dispose();
}
