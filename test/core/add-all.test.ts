import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { addAll } from '../../src/core/add-all.ts';

/** The sums 0.1 + 0.2 + … of so many tensors, in float32. */
const tensors = (count: number): tf.Tensor[] =>
  Array.from({ length: count }, (_, i) => tf.tensor1d([(i + 1) / 10, i]));

describe('addAll', () => {
  test.each([1, 2, 7, 8, 13, 14, 40])('adds %i tensors bit-for-bit as one by one', (count) => {
    const all = tensors(count);
    const wanted = all.slice(1).reduce((sum, next) => tf.add(sum, next), all[0]!);
    expect(addAll(all).dataSync()).toEqual(wanted.dataSync());
  });

  test('never binds more than eight buffers, which is all that WebGPU promises', () => {
    const runKernel = vi.spyOn(tf.engine(), 'runKernel');
    addAll(tensors(40));
    const inputs = runKernel.mock.calls
      .filter(([name]) => name === tf.AddN)
      .map(([, tensorsIn]) => Object.keys(tensorsIn).length);
    runKernel.mockRestore();
    expect(inputs).toHaveLength(7);
    expect(Math.max(...inputs)).toBe(7);
  });

  test('has the gradient of a sum', () => {
    const gradients = tf.grads((...all: tf.Tensor[]) => tf.sum(addAll(all)))(tensors(9));
    expect(gradients.map((gradient) => [...gradient.dataSync()])).toEqual(Array(9).fill([1, 1]));
  });
});
