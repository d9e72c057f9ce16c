import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, onWasmTrain } from '../support.ts';

const convolutions = fc
  .record({
    shape: fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 3, max: 9 }),
      fc.integer({ min: 3, max: 9 }),
      fc.integer({ min: 1, max: 11 }),
    ),
    taps: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    multiplier: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    seed: fc.integer(),
  })
  .map(({ shape, taps, multiplier, ...rest }) => ({
    ...rest,
    x: (seed: number): tf.Tensor4D => noisy(shape, seed) as tf.Tensor4D,
    filter: (seed: number): tf.Tensor4D =>
      noisy([...taps, shape[3], multiplier], seed + 1) as tf.Tensor4D,
  }));

describe('depthwise convolution', () => {
  onWasmTrain();

  test('matches cpu, and so do its gradients', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async ({ x, filter, stride, pad, seed }) => {
        const convolve = (image: tf.Tensor, weights: tf.Tensor): tf.Tensor4D =>
          tf.depthwiseConv2d(image as tf.Tensor4D, weights as tf.Tensor4D, stride, pad);
        const tolerance = { relative: 1e-4, absolute: 1e-5 };
        await expectAsOnCpu(() => convolve(x(seed), filter(seed)), tolerance);
        await expectAsOnCpu(() => {
          const dy = noisy(convolve(x(seed), filter(seed)).shape, seed + 2);
          return tf.grads(convolve)([x(seed), filter(seed)], dy);
        }, tolerance);
      }),
      { numRuns: 80 },
    );
  });

  test('matches cpu with gaps between the taps', async () => {
    for (const dilation of [2, 3]) {
      await expectAsOnCpu(() =>
        tf.depthwiseConv2d(
          noisy([2, 9, 8, 5], 1) as tf.Tensor4D,
          noisy([3, 2, 5, 2], 2) as tf.Tensor4D,
          1,
          'same',
          'NHWC',
          dilation,
        ),
      );
    }
  });

  test('adds a bias and applies an activation', async () => {
    for (const activation of ['relu', 'sigmoid', 'leakyrelu'] as const) {
      await expectAsOnCpu(() =>
        tf.fused.depthwiseConv2d({
          x: noisy([2, 6, 5, 6], 1) as tf.Tensor4D,
          filter: noisy([3, 3, 6, 1], 2) as tf.Tensor4D,
          strides: 2,
          pad: 'same',
          bias: noisy([6], 3),
          activation,
          leakyreluAlpha: 0.2,
        }),
      );
    }
  });

  test('has the gradients that finite differences of the image and of the filter show', () => {
    // Linear in each: a difference of any size shows the gradient.
    const x = noisy([2, 7, 6, 5], 1);
    const filter = noisy([3, 3, 5, 2], 2);
    const convolve = (image: tf.Tensor, weights: tf.Tensor): tf.Tensor4D =>
      tf.depthwiseConv2d(image as tf.Tensor4D, weights as tf.Tensor4D, 2, 'same');
    tf.tidy(() => {
      const y = convolve(x, filter);
      const dy = noisy(y.shape, 3);
      const slopes = tf.grads(convolve)([x, filter], dy);
      const moves = [noisy(x.shape, 4), noisy(filter.shape, 5)] as const;
      const moved = [convolve(x.add(moves[0]), filter), convolve(x, filter.add(moves[1]))];
      for (const [i, slope] of slopes.entries()) {
        const rise = moved[i]?.sub(y).mul(dy).sum().arraySync() as number;
        const expected = slope
          .mul(moves[i] ?? x)
          .sum()
          .arraySync() as number;
        expect(Math.abs(rise - expected)).toBeLessThan(1e-3);
      }
    });
    tf.dispose([x, filter]);
  });
});
