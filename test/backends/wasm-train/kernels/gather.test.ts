import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currentBackend, expectAsOnCpu, noisy, shapes, onWasmTrain } from '../support.ts';

const exactly = { relative: 0, absolute: 0 };

describe('gather', () => {
  onWasmTrain();

  test('matches cpu along any axis', async () => {
    const cases = shapes
      .filter((shape) => shape.length > 0)
      .chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)))
      .chain(([shape, axis]) =>
        fc.record({
          shape: fc.constant(shape),
          axis: fc.constant(axis),
          indices: fc.array(fc.nat((shape[axis] ?? 1) - 1), { minLength: 1, maxLength: 12 }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(cases, fc.integer(), async ({ shape, axis, indices }, seed) => {
        const picks = (): tf.Tensor1D => tf.tensor1d(indices, 'int32');
        await expectAsOnCpu(() => tf.gather(noisy(shape, seed), picks(), axis), exactly);
        await expectAsOnCpu(
          () => tf.gather(noisy(shape, seed, 99).toInt(), picks(), axis),
          exactly,
        );
      }),
      { numRuns: 80 },
    );
  });

  test('picks separately for each batch', async () => {
    const indices = (): tf.Tensor => tf.tensor([0, 2, 2, 1, 4, 0], [3, 2], 'int32');
    await expectAsOnCpu(() => tf.gather(noisy([3, 5, 2], 1), indices(), 1, 1), exactly);
  });

  test.each([-1, 5])("refuses the index %i of five with tfjs's error", (index) => {
    tf.tidy(() => {
      expect(() => tf.gather(noisy([5, 2], 1), tf.tensor1d([index], 'int32'))).toThrow(
        `GatherV2: the index value ${index} is not in [0, 4]`,
      );
    });
  });

  test('a dataset in JavaScript is not moved by a slice of it', () => {
    const { pool } = currentBackend();
    tf.tidy(() => {
      const data = tf.tensor(new Float32Array(1_000_000).fill(3), [1000, 1000]);
      const inUse = pool.bytesInUse;
      const batch = data.slice([500, 0], [10, 1000]).square();
      expect(batch.dataSync()[0]).toBe(9);
      expect(pool.bytesInUse - inUse).toBeLessThan(100_000);
    });
  });
});
