import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { leavingNothingBehind, noisy } from './support.ts';

/** The gradient of a convolution's filter, which is computed on first access. */
function filterGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const attributes = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: null };
  return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x, dy }, {
    ...attributes,
    filterShape: [3, 3, 2, 4],
  } as unknown as tf.NamedAttrMap);
}

const image = (seed: number): tf.Tensor => noisy([2, 6, 6, 2], seed);
const slope = (seed: number): tf.Tensor => noisy([2, 6, 6, 4], seed);

describe('a deferred gradient', () => {
  const backend = leavingNothingBehind();

  test('uses the values of its inputs even if they are disposed and their blocks reused', () => {
    const [x, dy] = [image(1).abs(), slope(2).abs()];
    const wanted = filterGradient(x, dy).dataSync();
    const waiting = filterGradient(x, dy);
    tf.dispose([x, dy]);
    for (let i = 0; i < 20; i++) tf.fill([500], i).square();
    expect(waiting.dataSync()).toEqual(wanted);
    expect(waiting.dataSync()).toEqual(wanted);
  });

  test('takes no memory if nothing reads it, and releases its inputs', () => {
    const empty = backend().pool.bytesInUse;
    const [x, dy] = tf.tidy(() => [image(1).abs(), slope(2).abs()] as const);
    const before = backend().pool.bytesInUse;
    const gradients = [filterGradient(x, dy), filterGradient(x, dy)];
    expect(backend().pool.bytesInUse).toBe(before);
    tf.dispose([x, dy]);
    expect(backend().pool.bytesInUse).toBe(before);
    gradients[0]?.dispose();
    expect(backend().pool.bytesInUse).toBe(before);
    gradients[1]?.dispose();
    expect(backend().pool.bytesInUse).toBe(empty);
  });

  test('can depend on others, can be shared, and moves with its tensor to another backend', async () => {
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

  test('is computed before an inherited kernel runs: the next view would detach its own', () => {
    const small = (seed: number): tf.Tensor =>
      tf.matMul(noisy([5, 30], seed), noisy([5, 40], seed + 1), true, false);
    const [a, b] = [small(1), small(3)];
    const { inherited, pool } = backend();
    const run = inherited.run.bind(inherited);
    const allocations: number[] = [];
    const watched = vi.spyOn(inherited, 'run').mockImplementation((name, kernel) => {
      const allocate = vi.spyOn(pool, 'allocate');
      try {
        return run(name, kernel);
      } finally {
        allocations.push(allocate.mock.calls.length);
        allocate.mockRestore();
      }
    });
    const angles = tf.atan2(a, b).dataSync();
    watched.mockRestore();
    expect(allocations).toEqual([0]);
    const [x, y] = [a.dataSync(), b.dataSync()];
    expect(
      Math.max(...angles.map((angle, i) => Math.abs(angle - Math.atan2(x[i]!, y[i]!)))),
    ).toBeLessThan(1e-6);
  });

  test('can be read again after the memory was exhausted', () => {
    const waiting = filterGradient(image(1), slope(2));
    const allocate = backend().pool.allocate.bind(backend().pool);
    backend().pool.allocate = () => {
      throw new RangeError('exhausted');
    };
    try {
      expect(() => waiting.dataSync()).toThrow('exhausted');
    } finally {
      backend().pool.allocate = allocate;
    }
    expect(waiting.dataSync()).toEqual(filterGradient(image(1), slope(2)).dataSync());
  });
});
