import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WasmTrainBackend } from '../../../src/backends/wasm-train/wasm-train-backend.ts';
import { expectAsOnCpu, noisy, startedBackend } from './support.ts';

/** The gradient of a convolution's filter, which waits until it is looked at. */
function filterGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const attributes = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: null };
  return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, {
    ...attributes,
    filterShape: [3, 3, 2, 4],
  } as unknown as tf.NamedAttrMap);
}

const image = (seed: number): tf.Tensor => noisy([2, 6, 6, 2], seed);
const slope = (seed: number): tf.Tensor => noisy([2, 6, 6, 4], seed);

describe('a gradient that is computed later', () => {
  let backend: WasmTrainBackend;
  let bytesBefore: number;
  let dataIdsBefore: number;

  beforeEach(async () => {
    backend = await startedBackend();
    bytesBefore = backend.pool.bytesInUse;
    dataIdsBefore = backend.numDataIds();
    tf.engine().startScope();
  });

  afterEach(() => {
    tf.engine().endScope();
    expect(backend.numDataIds()).toBe(dataIdsBefore);
    expect(backend.pool.bytesInUse).toBe(bytesBefore);
  });

  test('has the values of its inputs though they are disposed and their blocks used again', () => {
    const [x, dy] = [image(1).abs(), slope(2).abs()];
    const wanted = filterGradient(x, dy).dataSync();
    const waiting = filterGradient(x, dy);
    tf.dispose([x, dy]);
    for (let i = 0; i < 20; i++) tf.fill([500], i).square();
    expect(waiting.dataSync()).toEqual(wanted);
    expect(waiting.dataSync()).toEqual(wanted);
  });

  test('takes no memory of its own where nobody looks at it, and lets go of its inputs', () => {
    const [x, dy] = tf.tidy(() => [image(1).abs(), slope(2).abs()] as const);
    const before = backend.pool.bytesInUse;
    const gradients = [filterGradient(x, dy), filterGradient(x, dy)];
    expect(backend.pool.bytesInUse).toBe(before);
    tf.dispose([x, dy]);
    expect(backend.pool.bytesInUse).toBe(before);
    gradients[0]?.dispose();
    expect(backend.pool.bytesInUse).toBe(before);
    gradients[1]?.dispose();
    expect(backend.pool.bytesInUse).toBe(bytesBefore);
  });

  test('may be made of others, may be shared, and follows its tensor to another backend', async () => {
    const product = tf.matMul(noisy([5, 3], 1), noisy([5, 4], 2), true, false);
    const chained = tf.matMul(product, noisy([3, 2], 3), true, false);
    const shared = chained.reshape([8]);
    tf.dispose([product, chained]);
    await tf.setBackend('cpu');
    const left = tf.transpose(tf.matMul(noisy([5, 3], 1), noisy([5, 4], 2), true, false));
    const wanted = tf.matMul(left, noisy([3, 2], 3)).reshape([8]);
    const difference = tf.max(tf.abs(tf.sub(shared, wanted))).dataSync()[0];
    await tf.setBackend('wasm-train');
    expect(difference).toBeLessThan(1e-5);
  });

  test('serves inherited kernels, two at a time', async () => {
    const small = (seed: number): tf.Tensor =>
      tf.matMul(noisy([5, 30], seed), noisy([5, 40], seed + 1), true, false);
    await expectAsOnCpu(() => tf.atan2(small(1), small(3)), { ours: false });
  });

  test('can be asked again after the memory was exhausted', () => {
    const waiting = filterGradient(image(1), slope(2));
    const allocate = backend.pool.allocate.bind(backend.pool);
    backend.pool.allocate = () => {
      throw new RangeError('exhausted');
    };
    try {
      expect(() => waiting.dataSync()).toThrow('exhausted');
    } finally {
      backend.pool.allocate = allocate;
    }
    expect(waiting.dataSync()).toEqual(filterGradient(image(1), slope(2)).dataSync());
  });
});
