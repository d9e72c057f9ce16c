import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { broadcastable, expectAsOnCpu, isResident, noisy, startedBackend } from '../support.ts';

/** Sums of many terms, which cpu adds in double precision. */
const tolerance = { relative: 1e-4, absolute: 1e-4 } as const;

const side = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 24 }) },
  { weight: 1, arbitrary: fc.constantFrom(1, 31, 32, 33, 161, 170) },
);
const depth = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(383, 384, 385, 769));

/** Two matrices, or stacks of them, that fit each other. */
function operands(
  [aBatch, bBatch]: readonly [number[], number[]],
  [m, k, n]: readonly [number, number, number],
  transposeA: boolean,
  transposeB: boolean,
): readonly [tf.Tensor, tf.Tensor] {
  return [
    noisy([...aBatch, ...(transposeA ? [k, m] : [m, k])], 1, 1),
    noisy([...bBatch, ...(transposeB ? [n, k] : [k, n])], 2, 1),
  ];
}

describe('BatchMatMul', () => {
  beforeEach(async () => {
    await startedBackend();
  });

  test('matches cpu, in all four transpose forms and for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(side, depth, side),
        fc.constantFrom<readonly [number[], number[]]>(
          [[], []],
          [[3], [3]],
          [[2, 2], [1]],
          [[1], [4]],
        ),
        fc.boolean(),
        fc.boolean(),
        async (sizes, batches, transposeA, transposeB) => {
          await expectAsOnCpu(() => {
            const [a, b] = operands(batches, sizes, transposeA, transposeB);
            return tf.matMul(a, b, transposeA, transposeB);
          }, tolerance);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('pairs stacks that broadcast along several axes, as elementwise multiplication does', () => {
    fc.assert(
      fc.property(broadcastable, ([aBatch, bBatch]) => {
        tf.tidy(() => {
          const [a, b] = operands([aBatch, bBatch], [2, 3, 4], false, false);
          const byHand = a.expandDims(-1).mul(b.expandDims(-3)).sum(-2);
          const product = tf.matMul(a, b);
          expect(product.shape).toEqual(byHand.shape);
          expect(product.sub(byHand).abs().max().dataSync()[0]).toBeLessThan(1e-5);
        });
      }),
      // tfjs adds values of up to rank six.
      { numRuns: 30 },
    );
  });

  test('returns the same bits for a row, whatever the number of other rows', () => {
    tf.tidy(() => {
      const a = noisy([333, 500], 3);
      const b = noisy([500, 41], 4);
      const whole = tf.matMul(a, b).slice([0, 0], [14, 41]);
      const part = tf.matMul(a.slice([0, 0], [14, 500]), b);
      expect(part.dataSync()).toEqual(whole.dataSync());
    });
  });

  test('returns the same bits for a column, whatever the number of other columns', () => {
    tf.tidy(() => {
      const a = noisy([33, 500], 3);
      const b = noisy([500, 41], 4);
      const whole = tf.matMul(a, b).slice([0, 8], [33, 11]);
      const part = tf.matMul(a, b.slice([0, 8], [500, 11]));
      expect(part.dataSync()).toEqual(whole.dataSync());
    });
  });

  test.each([
    ['a full product', 6, 9],
    ['a row', 1, 9],
    ['a column', 6, 1],
  ])('propagates NaN and infinity through zeros in %s', (_, m, n) => {
    tf.tidy(() => {
      const zeros = tf.zeros([m, 7]);
      for (const special of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const b = tf.fill([7, n], special);
        expect([...tf.matMul(zeros, b).dataSync()].every(Number.isNaN)).toBe(true);
      }
      const ones = tf.ones([m, 7]);
      const infinite = tf.matMul(ones, tf.fill([7, n], Number.POSITIVE_INFINITY));
      expect(new Set(infinite.dataSync())).toEqual(new Set([Number.POSITIVE_INFINITY]));
    });
  });

  test('limits a NaN to its row and column', () => {
    tf.tidy(() => {
      const values = new Float32Array(11 * 13).fill(1);
      values[4 * 13 + 5] = Number.NaN;
      const product = tf.matMul(tf.tensor2d(values, [11, 13]), tf.ones([13, 17]));
      const rows = product.isNaN().sum(1).dataSync();
      expect([...rows]).toEqual([0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0]);
    });
  });

  test('leaves empty products and integers to cpu', async () => {
    await expectAsOnCpu(() => tf.matMul(tf.zeros([3, 0]), tf.zeros([0, 4])), { ours: false });
    await expectAsOnCpu(() => tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 4])), { ours: false });
    await expectAsOnCpu(
      () =>
        tf.matMul(tf.tensor2d([[1, 2]], [1, 2], 'int32'), tf.tensor2d([[3], [4]], [2, 1], 'int32')),
      { ours: false },
    );
  });

  test('takes values that cpu kernels left in JavaScript', () => {
    tf.tidy(() => {
      const a = tf.tensor2d([[1, 2, 3]]);
      const b = tf.tensor2d([[1], [10], [100]]);
      expect(tf.matMul(a, b).dataSync()[0]).toBe(321);
    });
  });

  test('leaves no memory behind but its result', async () => {
    const backend = await startedBackend();
    const [a, b] = operands([[2], [3, 1]], [20, 30, 40], false, true);
    tf.matMul(a, b, false, true).dispose();
    const before = backend.pool.bytesInUse;
    tf.matMul(a, b, false, true).dispose();
    expect(backend.pool.bytesInUse).toBe(before);
    tf.dispose([a, b]);
  });
});

describe('_FusedMatMul', () => {
  beforeEach(async () => {
    await startedBackend();
  });

  const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

  test.each(activations)('matches cpu with the activation %s', async (activation) => {
    await fc.assert(
      fc.asyncProperty(side, fc.integer({ min: 1, max: 20 }), side, async (m, k, n) => {
        await expectAsOnCpu(
          () =>
            tf.fused.matMul({
              a: noisy([m, k], 1),
              b: noisy([k, n], 2),
              bias: noisy([n], 3),
              activation,
              preluActivationWeights: noisy([m, n], 4),
              leakyreluAlpha: 0.3,
            }),
          tolerance,
        );
      }),
      { numRuns: 15 },
    );
  });

  test.each([[[1]], [[7, 5]], [[7, 1]], [[1, 5]], [[]]])(
    'adds a bias of shape %j',
    async (shape) => {
      await expectAsOnCpu(
        () =>
          tf.fused.matMul({
            a: noisy([7, 3], 1),
            b: noisy([3, 5], 2),
            bias: noisy(shape, 3),
          }),
        tolerance,
      );
    },
  );

  test('matches the gradients of cpu', async () => {
    await expectAsOnCpu(() => {
      const gradients = tf.grads((a, b, bias) => tf.fused.matMul({ a: a, b: b, bias: bias }));
      return gradients([noisy([9, 12], 1), noisy([12, 10], 2), noisy([10], 3)], noisy([9, 10], 4));
    }, tolerance);
  });

  test('runs a dense layer, also while it is trained', () => {
    tf.tidy(() => {
      const layer = tf.layers.dense({ units: 6, inputShape: [5] });
      const x = noisy([3, 5], 1);
      expect(isResident(layer.apply(x) as tf.Tensor)).toBe(true);
      const { grads } = tf.variableGrads(() =>
        (layer.apply(x) as tf.Tensor).square().sum<tf.Scalar>(),
      );
      expect(Object.values(grads).every((gradient) => isResident(gradient))).toBe(true);
    });
  });
});
