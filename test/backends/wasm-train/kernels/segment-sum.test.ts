import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, onWasmTrain } from '../support.ts';

describe('unsortedSegmentSum', () => {
  onWasmTrain();

  test('matches cpu for any ids, also out of range', async () => {
    const cases = fc.record({
      numbers: fc.array(fc.integer({ min: -1, max: 6 }), { minLength: 1, maxLength: 20 }),
      slice: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 2 }),
      segments: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ numbers, slice, segments }) => {
        await expectAsOnCpu(() =>
          tf.unsortedSegmentSum(
            noisy([numbers.length, ...slice], 1),
            tf.tensor1d(numbers, 'int32'),
            segments,
          ),
        );
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  test('is the gradient of picking rows, and limits a NaN to its row', () => {
    tf.tidy(() => {
      const rows = noisy([5, 3], 1);
      const dy = tf.tensor2d([1, 2, 3, Number.NaN, 5, 6, 7, 8, 9], [3, 3]);
      const picks = tf.tensor1d([4, 0, 4], 'int32');
      const gradient = tf.grad((x) => tf.gather(x, picks))(rows, dy);
      expect(gradient.arraySync()).toEqual([
        [Number.NaN, 5, 6],
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
        [8, 10, 12],
      ]);
    });
  });

  test('leaves integers and empty tensors to cpu', async () => {
    const numbers = (): tf.Tensor1D => tf.tensor1d([1, 0], 'int32');
    await expectAsOnCpu(() => tf.unsortedSegmentSum(tf.tensor1d([3, 4], 'int32'), numbers(), 2), {
      ours: false,
    });
    await expectAsOnCpu(() => tf.unsortedSegmentSum(tf.zeros([2, 0]), numbers(), 2), {
      ours: false,
    });
  });
});
