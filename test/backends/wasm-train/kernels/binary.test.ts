import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { broadcastAxes } from '../../../../src/backends/wasm-train/kernels/broadcast.ts';
import { broadcastable, expectAsOnCpu, noisy, onWasmTrain, startedBackend } from '../support.ts';

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const operations: readonly (readonly [string, Binary])[] = [
  ['add', tf.add],
  ['sub', tf.sub],
  ['mul', tf.mul],
  ['div', tf.div],
  ['maximum', tf.maximum],
  ['minimum', tf.minimum],
  ['squaredDifference', tf.squaredDifference],
  ['greater', tf.greater],
  ['greaterEqual', tf.greaterEqual],
  ['less', tf.less],
  ['lessEqual', tf.lessEqual],
  ['equal', tf.equal],
  ['notEqual', tf.notEqual],
];

const specials = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 3.4e38, -3.4e38, 1e-45, 2.5];

/** All pairs of special values. */
const left = specials.flatMap((a) => specials.map(() => a));
const right = specials.flatMap(() => specials);

describe('functions of two values', () => {
  onWasmTrain();

  test.each(operations)('%s broadcasts like cpu', async (_name, apply) => {
    await fc.assert(
      fc.asyncProperty(broadcastable, fc.integer(), async ([a, b], seed) => {
        // Integers, so that equal ones occur.
        await expectAsOnCpu(
          () => apply(tf.round(noisy(a, seed, 4)), tf.round(noisy(b, seed + 1, 4))),
          { relative: 1e-6, absolute: 0 },
        );
      }),
      { numRuns: 60 },
    );
  });

  test.each(operations)('%s treats NaN and infinities as cpu does', async (_name, apply) => {
    await expectAsOnCpu(() => apply(tf.tensor(left), tf.tensor(right)), { relative: 1e-6 });
  });

  test('prelu has a slope for each channel', async () => {
    await expectAsOnCpu(() => tf.prelu(noisy([3, 5, 7], 1), noisy([7], 2)));
  });

  test('the gradient of elu is that of cpu, on both sides of 0 and for special values', async () => {
    const x = tf.concat([noisy([501], 1, 6), tf.tensor(specials)]);
    await expectAsOnCpu(() => tf.grad(tf.elu)(x, noisy([501 + specials.length], 2)));
    // At the outputs −1, 0 and 1, and between.
    const y = tf.tensor([-1, -0.75, -0, 0, 1]);
    const ofOutputs = (): tf.Tensor =>
      tf.engine().runKernel<tf.Tensor>(tf.EluGrad, { dy: tf.fill([5], 2), y });
    await expectAsOnCpu(ofOutputs, { absolute: 0 });
    expect([...tf.tidy(ofOutputs).dataSync()]).toEqual([0, 0.5, 2, 2, 2]);
  });

  test.each(operations)(
    '%s of whole numbers and of nothing is left to cpu',
    async (_name, apply) => {
      await expectAsOnCpu(() => apply(tf.tensor([1, 2], [2], 'int32'), tf.scalar(2, 'int32')), {
        ours: false,
      });
      await expectAsOnCpu(() => apply(tf.zeros([0, 4]), tf.zeros([4])), { ours: false });
    },
  );

  test("shapes that do not broadcast are refused with tfjs's error", async () => {
    await startedBackend();
    expect(() => tf.tidy(() => tf.add(tf.zeros([2, 3]), tf.zeros([2])))).toThrow(
      'Operands could not be broadcast together with shapes 2,3 and 2',
    );
  });
});

describe('broadcastAxes', () => {
  test('turns a batch with a value for each channel into rows and columns', () => {
    expect(broadcastAxes([64, 14, 14, 32], [32], [64, 14, 14, 32])).toEqual([
      { size: 12544, moves: 1, aStep: 32, bStep: 0 },
      { size: 32, moves: 0, aStep: 1, bStep: 1 },
    ]);
  });

  test('turns equal shapes into one axis, and scalars into none', () => {
    expect(broadcastAxes([2, 3, 4], [2, 3, 4], [2, 3, 4])).toHaveLength(1);
    expect(broadcastAxes([], [1, 1], [1, 1])).toEqual([]);
  });
});
