import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectAsOnCpu, noisy, shapes, onWasmTrain, startedBackend } from '../support.ts';

const functions: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor])[] = [
  ['relu', tf.relu],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.2)],
  ['tanh', tf.tanh],
  ['sigmoid', tf.sigmoid],
  ['softplus', tf.softplus],
  ['exp', tf.exp],
  ['log', tf.log],
  ['log1p', tf.log1p],
  ['sqrt', tf.sqrt],
  ['rsqrt', tf.rsqrt],
  ['square', tf.square],
  ['neg', tf.neg],
  ['abs', tf.abs],
  ['step', (x) => tf.step(x, -0.5)],
  ['reciprocal', tf.reciprocal],
  ['elu', tf.elu],
  ['relu6', tf.relu6],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 0.75)],
  ['sign', tf.sign],
  ['floor', tf.floor],
];

/** The exact function, for those that a polynomial approximates. */
const exact: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor, (x: number) => number])[] = [
  ['exp', tf.exp, Math.exp],
  ['log', tf.log, Math.log],
  ['log1p', tf.log1p, Math.log1p],
  ['tanh', tf.tanh, Math.tanh],
  [
    'sigmoid',
    tf.sigmoid,
    (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  ],
  ['softplus', tf.softplus, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  ['elu', tf.elu, (x) => (x >= 0 ? x : Math.expm1(x))],
];

const specials = [
  ...[Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 6, 7, 1e-45, -1e-45, 1e-40, -1e-40],
  ...[1.17549435e-38, 1e-30, -1e-30, 1e-7, -1e-7, 0.6249, 0.6251, -0.625, 0.7071, 0.7072],
  ...[
    16, -16, 87, -87, 88.7, 88.73, 89, -88, -95, -103.9, -104, -200, 1e10, -1e10, 3.4e38, -3.4e38,
  ],
];

/** About every hundredth float up to a limit, of both signs. */
function sweep(limit: number): Float32Array {
  const values: number[] = [];
  for (let x = 1e-44; x < limit; x *= 1.01) values.push(x, -x);
  return Float32Array.from(values);
}

describe('functions of one value', () => {
  onWasmTrain();

  test.each(functions)('%s matches cpu for any shape', async (_name, apply) => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer(), async (shape, seed) => {
        await expectAsOnCpu(() => apply(noisy(shape, seed, 8)), { relative: 1e-6, absolute: 1e-7 });
      }),
      { numRuns: 30 },
    );
  });

  test.each(functions)('%s treats NaN, infinities and edges as cpu does', async (name, apply) => {
    // cpu's elu loses small values in exp(x) − 1; the sweep below compares with the exact function.
    const absolute = name === 'elu' ? 1e-7 : 3e-45;
    await expectAsOnCpu(() => apply(tf.tensor(specials)), { relative: 2e-6, absolute });
  });

  test.each(exact)(
    '%s is accurate to a millionth for all magnitudes',
    async (_name, apply, reference) => {
      await startedBackend();
      const x = sweep(200);
      const y = tf.tidy(() => apply(tf.tensor(x)).dataSync());
      for (const [index, value] of x.entries()) {
        const wanted = reference(value);
        const error = Math.abs((y[index] ?? Number.NaN) - wanted);
        const allowed = Math.max(1e-6 * Math.abs(wanted), 3e-45);
        const right = Object.is(Math.fround(wanted), y[index]) || error <= allowed;
        if (!right && !(Number.isNaN(wanted) && Number.isNaN(y[index]))) {
          expect.fail(`at ${value}: ${y[index] ?? 'nothing'} for ${wanted}`);
        }
      }
    },
  );

  test.each(['int32', 'bool'] as const)('leave %s to cpu', async (dtype) => {
    await expectAsOnCpu(() => tf.square(tf.tensor([0, 1, 1], [3], dtype)), { ours: false });
    await expectAsOnCpu(() => tf.relu(tf.tensor([0, 1, 1], [3], dtype)), { ours: false });
  });

  test.each(functions)('%s of an empty tensor is empty', async (_name, apply) => {
    await expectAsOnCpu(() => apply(tf.zeros([3, 0])), { ours: false });
  });
});
