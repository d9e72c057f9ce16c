import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, onWasmTrain } from '../support.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe.each([
  ['softmax', tf.softmax],
  ['logSoftmax', tf.logSoftmax],
] as const)('%s', (name, softmax) => {
  onWasmTrain();

  test('matches cpu, and so does its gradient', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer(), async (shape, seed) => {
        await expectAsOnCpu(() => softmax(noisy(shape, seed, 8)), { relative: 2e-5 });
        await expectAsOnCpu(
          () =>
            tf.grad((x: tf.Tensor) => softmax(x).mul(noisy(shape, seed + 1)))(noisy(shape, seed)),
          { relative: 1e-4, absolute: 1e-5 },
        );
      }),
      { numRuns: 60 },
    );
  });

  test('neither overflows nor loses values far below the maximum', async () => {
    await expectAsOnCpu(() => softmax(tf.tensor([1000, 999, 0, -1000, 1000], [1, 5])));
    await expectAsOnCpu(() => softmax(tf.tensor([0, Number.NEGATIVE_INFINITY, 1], [1, 3])));
  });

  test('returns a row of NaN for a NaN', () => {
    const values = tf.tidy(() =>
      softmax(tf.tensor([1, Number.NaN, 2, 0, 0, 0], [2, 3])).dataSync(),
    );
    expect([...values.subarray(0, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    const even = name === 'softmax' ? 1 / 3 : -Math.log(3);
    expect(values[3]).toBeCloseTo(even, 6);
  });
});
