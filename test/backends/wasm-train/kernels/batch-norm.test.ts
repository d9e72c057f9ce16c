import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { expectAsOnCpu, noisy, onWasmTrain } from '../support.ts';

const side = fc.integer({ min: 1, max: 9 });

describe('batch normalization', () => {
  onWasmTrain();

  test('matches cpu with and without scale and offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(side, side, side, fc.integer({ min: 1, max: 21 })),
        fc.boolean(),
        fc.boolean(),
        fc.integer(),
        async (shape, withScale, withOffset, seed) => {
          const channels = [shape[3]];
          await expectAsOnCpu(() =>
            tf.batchNorm(
              noisy(shape, seed) as tf.Tensor4D,
              noisy(channels, seed + 1) as tf.Tensor1D,
              tf.abs(noisy(channels, seed + 2)) as tf.Tensor1D,
              withOffset ? (noisy(channels, seed + 3) as tf.Tensor1D) : undefined,
              withScale ? (noisy(channels, seed + 4) as tf.Tensor1D) : undefined,
            ),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('has the gradients it has on cpu', async () => {
    const shape: [number, number, number, number] = [4, 5, 3, 6];
    const loss = (
      x: tf.Tensor,
      mean: tf.Tensor,
      variance: tf.Tensor,
      offset: tf.Tensor,
      scale: tf.Tensor,
    ): tf.Scalar =>
      tf
        .batchNorm(
          x as tf.Tensor4D,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
        )
        .mul(noisy(shape, 9))
        .sum();
    await expectAsOnCpu(
      () =>
        tf.grads(loss)([
          noisy(shape, 1),
          noisy([6], 2),
          tf.abs(noisy([6], 3)).add(0.1),
          noisy([6], 4),
          noisy([6], 5),
        ]),
      { relative: 1e-4, absolute: 1e-5 },
    );
  });

  test('statistics of the whole batch match cpu', async () => {
    await expectAsOnCpu(() => {
      const { mean, variance } = tf.moments(noisy([8, 5, 5, 7], 1), [0, 1, 2]);
      return [mean, variance];
    });
  });

  test('statistics of another shape are left to cpu', async () => {
    await expectAsOnCpu(
      () =>
        tf.batchNorm(
          noisy([2, 3, 3, 4], 1) as tf.Tensor4D,
          noisy([2, 3, 3, 4], 2) as tf.Tensor4D,
          tf.abs(noisy([2, 3, 3, 4], 3)) as tf.Tensor4D,
        ),
      { ours: false },
    );
  });
});
