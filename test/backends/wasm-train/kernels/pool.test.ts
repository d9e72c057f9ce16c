import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, onWasmTrain } from '../support.ts';

const windows = fc.record({
  shape: fc.tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 3, max: 9 }),
    fc.integer({ min: 3, max: 9 }),
    fc.integer({ min: 1, max: 11 }),
  ),
  size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1),
  seed: fc.integer(),
});

const poolings = [
  ['the largest', tf.maxPool],
  ['the mean', tf.avgPool],
] as const;

describe.each(poolings)('pooling by %s', (_name, pool) => {
  onWasmTrain();

  test('matches cpu, and so does its gradient', async () => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ shape, size, strides, pad, seed }) => {
        // Padding wider than a window has positions without input.
        fc.pre(typeof pad === 'string' || Math.min(...size) > pad);
        // A window of one pixel may be the image itself, which stays in place.
        const ours = size.some((side) => side > 1);
        const x = (): tf.Tensor4D => noisy(shape, seed) as tf.Tensor4D;
        await expectAsOnCpu(() => pool(x(), size, strides, pad), { ours });
        await expectAsOnCpu(() =>
          tf.grad((image) => {
            const y = pool(image as tf.Tensor4D, size, strides, pad);
            return y.mul(noisy(y.shape, seed + 1));
          })(x()),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('has the gradient that small finite differences show', () => {
    // Inside windows that do not overlap the padding: there both are piecewise linear.
    const x = noisy([2, 6, 6, 5], 3) as tf.Tensor4D;
    const move = noisy([2, 6, 6, 5], 4, 1e-3) as tf.Tensor4D;
    const weights = noisy([2, 3, 3, 5], 5);
    const value = (image: tf.Tensor): tf.Scalar =>
      pool(image as tf.Tensor4D, 2, 2, 'valid')
        .mul(weights)
        .sum();
    const [rise, slope] = tf.tidy(() => [
      value(x.add(move))
        .sub(value(x.sub(move)))
        .div(2)
        .arraySync() as number,
      tf.grad(value)(x).mul(move).sum().arraySync() as number,
    ]) as unknown as [number, number];
    expect(Math.abs(rise - slope)).toBeLessThan(1e-4 * Math.abs(slope) + 2e-5);
    tf.dispose([x, move, weights]);
  });
});

describe('maxPool', () => {
  onWasmTrain();

  test('passes a gradient to the first of several maxima, and past a NaN', async () => {
    await expectAsOnCpu(() => {
      const x = tf.tensor4d(
        [1, 1, Number.NaN, 1, 0, 0, 0, 0, 0, 0, 0, 0, -1, 3, 3, 3],
        [1, 4, 4, 1],
      );
      return [
        tf.maxPool(x, 2, 2, 'same'),
        tf.grad((y) => tf.maxPool(y as tf.Tensor4D, 3, 1, 'same'))(x),
      ];
    });
  });

  test('leaves integers and empty images to cpu', async () => {
    await expectAsOnCpu(
      () => tf.maxPool(tf.ones<tf.Rank.R4>([1, 4, 4, 2], 'int32'), 2, 2, 'valid'),
      {
        ours: false,
      },
    );
    await expectAsOnCpu(() => tf.maxPool(tf.zeros<tf.Rank.R4>([0, 4, 4, 2]), 2, 2, 'valid'), {
      ours: false,
    });
  });
});
