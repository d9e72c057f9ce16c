import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wasmTrain } from '../../../../src/backends/wasm-train/index.ts';
import { currentBackend } from '../support.ts';

/**
 * A number whose square has one bit more than a float: rounded before the sum, that bit is lost.
 */
const almostOne = 1 + 2 ** -12;

/** almostOne² − the float next to it: 2⁻²⁴ if product and sum round once, 0 if they round twice. */
function lastBit(): number {
  return tf.tidy(() => {
    const row = tf.tensor([-(1 + 2 ** -11), almostOne], [1, 2]);
    const columns = tf.tensor([1, 1, almostOne, almostOne], [2, 2]);
    return row.matMul(columns).dataSync()[0] ?? Number.NaN;
  });
}

/** The tests of products and convolutions, in which the two kinds of kernels differ, once more. */
describe('on relaxed SIMD', async () => {
  beforeAll(async () => {
    await wasmTrain({ threads: 3, simd: 'relaxed' }).activate();
    const { workers } = currentBackend();
    if (workers !== undefined) workers.leastOperations = 1;
  });

  await import('./mat-mul.test.ts');
  await import('./conv2d.test.ts');
  await import('./convolution.test.ts');

  // The tests above would start another backend if none ran: this one still runs.
  test('they were', () => {
    expect(currentBackend()).toMatchObject({
      flavour: 'relaxed',
      workers: { threads: 3, alive: 3, leastOperations: 1 },
    });
  });

  test('a product and its sum round once, as x86 with FMA and ARM do', async () => {
    expect(lastBit()).toBe(2 ** -24);
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
    await wasmTrain({ simd: 'plain' }).activate();
    expect(lastBit()).toBe(0);
  });

  afterAll(async () => {
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
  });
});
