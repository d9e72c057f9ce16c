import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { addAll } from '../../../../src/core/add-all.ts';
import { globalNorm, runOptionalKernel } from '../../../../src/tfjs-internals/optional-kernels.ts';
import { leavingNothingBehind, noisy } from '../support.ts';

describe('GlobalNorm', () => {
  leavingNothingBehind();

  const normOf = (tensors: readonly tf.Tensor[]): tf.Tensor =>
    runOptionalKernel(globalNorm, [...tensors] as unknown as tf.NamedTensorMap)!;

  test('has the bits of the composed norm', () => {
    // More than the seven that are added at once, one of them large enough to be split.
    const shapes = [[3], [4, 5], [1], [], [7, 2, 3], [11], [300, 700], [5], [2, 2], [9]];
    const tensors = shapes.map((shape, i) => noisy(shape, i + 1));
    const composed = tf.sqrt(addAll(tensors.map((x) => tf.sum(tf.square(x)))));
    expect(normOf(tensors).dataSync()).toEqual(composed.dataSync());
    expect(normOf([tensors[0]!]).shape).toEqual([]);
  });

  test('is infinite or NaN if a value is', () => {
    expect(normOf([tf.tensor([1, -Infinity]), tf.scalar(2)]).dataSync()[0]).toBe(Infinity);
    expect(normOf([tf.scalar(2), tf.tensor([Number.NaN])]).dataSync()[0]).toBeNaN();
  });
});
