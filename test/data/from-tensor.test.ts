import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { datasetFromTensor } from '../../src/data/from-tensor.ts';
import { datasetContract, labelsOf, valuesOf } from './dataset-contract.ts';

describe('datasetFromTensor', () => {
  datasetContract(async () => {
    const tensor = tf.randomUniform([10, 4, 4, 3], -1, 1, 'float32', 1);
    const dataset = await datasetFromTensor(tensor);
    tensor.dispose();
    return dataset;
  });
  describe('with labels', () => {
    datasetContract(
      async () => {
        const [tensor, labels] = [
          tf.tensor2d(
            Array.from({ length: 20 }, (_, i) => i),
            [10, 2],
          ),
          tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'int32'),
        ];
        const dataset = await datasetFromTensor(tensor, { labels });
        tf.dispose([tensor, labels]);
        return dataset;
      },
      ([first = NaN]) => first / 2,
    );
  });

  test('copies the values and leaves the tensor to its owner', async () => {
    const tensor = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const before = tf.memory().numTensors;
    const dataset = await datasetFromTensor(tensor);
    expect(tf.memory().numTensors).toBe(before);
    expect(tensor.isDisposed).toBe(false);
    (await tensor.data()).fill(9);
    tensor.dispose();
    expect(await valuesOf(dataset, { batchSize: 2 })).toEqual([[1, 2, 3, 4]]);
  });

  test('takes labels as a tensor or as numbers', async () => {
    const tensor = tf.zeros([2, 3]);
    const classes = tf.tensor1d([1, 0], 'int32');
    const byTensor = await datasetFromTensor(tensor, { labels: classes });
    const byNumbers = await datasetFromTensor(tensor, { labels: [1, 0] });
    tf.dispose([tensor, classes]);
    expect(await labelsOf(byTensor, { batchSize: 2 })).toEqual([[1, 0]]);
    expect(await labelsOf(byNumbers, { batchSize: 2 })).toEqual([[1, 0]]);
  });

  test('scales integers from inputRange if given', async () => {
    const tensor = tf.tensor4d([0, 255], [1, 1, 2, 1], 'int32');
    const dataset = await datasetFromTensor(tensor, { inputRange: [0, 255], valueRange: [0, 1] });
    tensor.dispose();
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[0, 1]]);
  });

  test.each([
    [
      'a scalar',
      () => tf.scalar(1),
      'tensor must have the shape [samples, ...sampleShape], got []',
    ],
    [
      'numbers',
      () => tf.zeros([3]),
      'tensor must have the shape [samples, ...sampleShape], got [3]',
    ],
    [
      'images without channels',
      () => tf.zeros([5, 28, 28]),
      'got [28, 28]. Pass sampleShape: [28, 28, 1] for grayscale images',
    ],
    [
      'samples without numbers',
      () => tf.zeros([2, 0]),
      'each sample must have at least one number, got the shape [0]',
    ],
    ['no samples', () => tf.zeros([0, 2]), 'values must have at least one sample, got none'],
    [
      'NaN',
      () => tf.tensor2d([[0, NaN]]),
      'all values must be finite, got NaN at position [1] of sample 0',
    ],
    [
      'pixels of 0…255',
      () => tf.tensor4d([0, 255], [1, 1, 2, 1]),
      'values must lie in [-1, 1], got 0 to 255. Pass pixels as a Uint8Array, or inputRange: [0, 255]',
    ],
    ['text', () => tf.tensor2d([['a']]), 'tensor must have real numbers, got string'],
  ])('refuses %s', async (_, make, message) => {
    const tensor = make();
    await expect(datasetFromTensor(tensor)).rejects.toThrow(`Cannot create the dataset 'tensor': `);
    await expect(datasetFromTensor(tensor)).rejects.toThrow(message);
    tensor.dispose();
  });

  test('refuses a disposed tensor and what is no tensor', async () => {
    const tensor = tf.zeros([2, 2]);
    tensor.dispose();
    await expect(datasetFromTensor(tensor)).rejects.toThrow(
      'tensor must not be disposed, got a tensor that is',
    );
    await expect(datasetFromTensor([[1]] as unknown as tf.Tensor)).rejects.toThrow(
      'tensor must be a tensor, got [[1]]',
    );
  });

  test.each([null, undefined, 7])('refuses %s in place of the tensor', async (value) => {
    await expect(datasetFromTensor(value as never)).rejects.toThrow(
      new TypeError(
        `Cannot create the dataset 'tensor': tensor must be a tensor, got ${String(value)}`,
      ),
    );
  });

  test.each([null, 7])('refuses %s as labels', async (labels) => {
    const tensor = tf.zeros([2, 2]);
    await expect(datasetFromTensor(tensor, { labels: labels as never })).rejects.toThrow(
      new TypeError(
        `Cannot create the dataset 'tensor': labels must be an array, got ${String(labels)}`,
      ),
    );
    tensor.dispose();
  });
});
