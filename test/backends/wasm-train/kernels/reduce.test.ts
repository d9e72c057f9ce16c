import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, shapes, onWasmTrain, startedBackend } from '../support.ts';

type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

const reductions: readonly (readonly [string, Reduction])[] = [
  ['sum', tf.sum],
  ['mean', tf.mean],
  ['max', tf.max],
  ['min', tf.min],
];

const shapeAndAxes = shapes
  .filter((shape) => shape.length > 0)
  .chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.subarray(
        shape.map((_, axis) => axis),
        { minLength: 1 },
      ),
    ),
  );

describe('reductions', () => {
  onWasmTrain();

  test.each(reductions)('%s matches cpu over any axes', async (_name, reduce) => {
    await fc.assert(
      fc.asyncProperty(
        shapeAndAxes,
        fc.boolean(),
        fc.integer(),
        async ([shape, axes], keepDims, seed) => {
          // Axes of size one are left out by another view of the same values.
          const ours = axes.some((axis) => shape[axis] !== 1);
          await expectAsOnCpu(() => reduce(noisy(shape, seed), axes, keepDims), {
            ours,
            // cpu adds up to thousands of values in single precision.
            absolute: 1e-5,
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  test.each([
    { shape: [64, 14, 14, 32], axes: [0, 1, 2] },
    { shape: [64, 7, 7, 37], axes: [0, 1, 2] },
    { shape: [129, 1000], axes: [1] },
    { shape: [100, 17, 33], axes: [1] },
    { shape: [70_001], axes: [0] },
  ])('are right at size: $shape over $axes', async ({ shape, axes }) => {
    for (const [, reduce] of reductions) {
      await expectAsOnCpu(() => reduce(noisy(shape, 3), axes), { absolute: 1e-5 });
    }
  });

  test('a sum with cancellation keeps its precision', async () => {
    await startedBackend();
    const values = Float32Array.from({ length: 30_000 }, (_, index) =>
      index % 3 === 0 ? 1e7 : index % 3 === 1 ? -1e7 : 0.001,
    );
    const [all, leading] = tf.tidy(() => [
      tf.sum(tf.tensor(values)).dataSync()[0],
      tf
        .sum(tf.tensor(values, [7500, 4]).tile([1, 5]), 0)
        .sum()
        .dataSync()[0],
    ]);
    expect(all).toBeCloseTo(10, 4);
    // Each column of four meets every third value once in three rows.
    expect(leading).toBeCloseTo(50, 2);
  });

  test.each(reductions)('%s propagates NaN and infinities', async (_name, reduce) => {
    const rows = [
      [1, Number.NaN, 3, 4, 5, 6, 7, 8, 9],
      [Infinity, 1, 2, 3, 4, 5, 6, 7, 8],
      [Infinity, -Infinity, 1, 2, 3, 4, 5, 6, 7],
      [-Infinity, 0, 0, 0, 0, 0, 0, 0, -0],
      [1, 2, 3, 4, 5, 6, 7, 8, Number.NaN],
    ];
    await expectAsOnCpu(() => reduce(tf.tensor(rows), 1));
    await expectAsOnCpu(() => reduce(tf.transpose(tf.tensor(rows)), 0));
  });

  test.each(reductions)(
    '%s over no axis, of nothing and of whole numbers is as on cpu',
    async (_n, reduce) => {
      await expectAsOnCpu(() => reduce(noisy([2, 3], 1), []), { ours: false });
      await expectAsOnCpu(() => reduce(tf.scalar(3)), { ours: false });
      await expectAsOnCpu(() => reduce(tf.zeros([0, 3]), 1), { ours: false });
      await expectAsOnCpu(() => reduce(tf.tensor([1, 5, 2], [3], 'int32')), { ours: false });
    },
  );
});
