import { describe, expect, test } from 'vitest';
import { datasetFromArray } from '../../src/data/from-array.ts';
import { datasetContract, labelsOf, valuesOf } from './dataset-contract.ts';

const ten = Array.from({ length: 10 }, (_, i) => [i / 16, -i / 16]);

describe('datasetFromArray', () => {
  datasetContract(
    () => datasetFromArray(ten, { labels: ten.map((_, i) => i % 3) }),
    ([first = NaN]) => (first * 16) % 3,
  );
  describe('without labels', () => {
    datasetContract(() => datasetFromArray(ten));
  });
  describe('sliced', () => {
    const twelve = [[-1, 1], ...ten, [1, -1]];
    const sliced = datasetFromArray(twelve, { labels: twelve.map((_, i) => i) }).slice(1, 11);
    datasetContract(
      () => sliced,
      ([first = NaN]) => first * 16 + 1,
    );
  });

  test('keeps the stored order without a seed', async () => {
    const dataset = datasetFromArray(ten);
    expect(await valuesOf(dataset, { batchSize: 5 })).toEqual([
      ten.slice(0, 5).flat(),
      ten.slice(5).flat(),
    ]);
  });

  test('gives every sample once in a shuffled pass, with its own label', async () => {
    const dataset = datasetFromArray(ten, { labels: ten.map((_, i) => i) });
    const values = (await valuesOf(dataset, { batchSize: 5, seed: 3 })).flat();
    const labels = (await labelsOf(dataset, { batchSize: 5, seed: 3 })).flat();
    expect([...labels].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(labels).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(values).toEqual(labels.flatMap((label) => ten[label] ?? []));
  });

  test('orders otherwise for another seed', async () => {
    const dataset = datasetFromArray(ten);
    expect(await valuesOf(dataset, { batchSize: 10, seed: 1 })).not.toEqual(
      await valuesOf(dataset, { batchSize: 10, seed: 2 }),
    );
  });

  test('scales bytes to −1…1', async () => {
    const dataset = datasetFromArray(new Uint8Array([0, 51, 204, 255]), { sampleShape: [2, 2, 1] });
    expect(dataset.valueRange).toEqual([-1, 1]);
    const [values] = await valuesOf(dataset, { batchSize: 1 });
    expect(values?.[0]).toBe(-1);
    expect(values?.[1]).toBeCloseTo(-0.6, 6);
    expect(values?.[2]).toBeCloseTo(0.6, 6);
    expect(values?.[3]).toBe(1);
  });

  test('scales bytes to the requested range', async () => {
    const bytes = new Uint8ClampedArray([0, 51, 255]);
    const dataset = datasetFromArray(bytes, { sampleShape: [3], valueRange: [0, 1] });
    const [values] = await valuesOf(dataset, { batchSize: 1 });
    expect(values?.map((value) => value.toFixed(6))).toEqual(['0.000000', '0.200000', '1.000000']);
  });

  test('scales floats from inputRange if given', async () => {
    const pixels = new Float32Array([0, 127.5, 255]);
    const dataset = datasetFromArray(pixels, { sampleShape: [1, 1, 3], inputRange: [0, 255] });
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[-1, 0, 1]]);
    const degrees = datasetFromArray([[-10, 0, 30]], { inputRange: [-10, 30], valueRange: [2, 6] });
    expect(await valuesOf(degrees, { batchSize: 1 })).toEqual([[2, 3, 6]]);
  });

  test('takes other floats as they are', async () => {
    const dataset = datasetFromArray(new Float64Array([-7, 300.5]), { sampleShape: [2] });
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[-7, 300.5]]);
  });

  test('takes rows that are typed arrays, bytes as pixels', async () => {
    const rows = [new Uint8Array([0, 255]), new Uint8Array([255, 0])];
    const dataset = datasetFromArray(rows);
    expect(dataset.sampleShape).toEqual([2]);
    expect(await valuesOf(dataset, { batchSize: 2 })).toEqual([[-1, 1, 1, -1]]);
  });

  test('lays nested rows out in the given shape', () => {
    const dataset = datasetFromArray(
      [
        [
          [0, 1],
          [1, 0],
        ],
      ],
      { sampleShape: [2, 2, 1] },
    );
    expect([dataset.size, dataset.sampleShape]).toEqual([1, [2, 2, 1]]);
  });

  test('counts the classes', () => {
    expect(datasetFromArray(ten, { labels: ten.map(() => 4) }).classes).toBe(5);
    expect(datasetFromArray(ten, { labels: ten.map(() => 4), classes: 9 }).classes).toBe(9);
    expect(datasetFromArray(ten).classes).toBeUndefined();
  });
});

describe('datasetFromArray refuses', () => {
  const image = { sampleShape: [2, 2, 1] };

  test.each([
    ['an empty array', [], {}, 'values must have at least one sample, got none'],
    ['an empty typed array', new Uint8Array(0), image, 'values must have at least one sample'],
    ['empty rows', [[], []], {}, 'each sample must have at least one number, got the shape [0]'],
    [
      'images without pixels',
      [[[[]], [[]]]],
      {},
      'each sample must have at least one number, got the shape [2, 1, 0]',
    ],
    [
      'rows without rows',
      [[[], []]],
      {},
      'each sample must have at least one number, got the shape [2, 0]',
    ],
    [
      'empty rows that were to hold numbers',
      [[], []],
      { sampleShape: [2] },
      'each sample must have the 2 numbers of sampleShape [2], got [0]',
    ],
    [
      'a flat array without sampleShape',
      new Float32Array(784),
      {},
      'sampleShape must be given for a flat array, got 784 numbers without it. Pass sampleShape: ' +
        '[28, 28, 1] for images of 28×28, or sampleShape: [2] for points',
    ],
    [
      'images without channels',
      [
        [
          [0, 1],
          [1, 0],
        ],
      ],
      {},
      'must be vectors [features] or images [height, width, channels], got [2, 2]. ' +
        'Pass sampleShape: [2, 2, 1] for grayscale images',
    ],
    [
      'half a sample',
      new Float32Array(6),
      image,
      'values must fill whole samples of [2, 2, 1] (4 numbers each), got 6 numbers',
    ],
    [
      'samples of another size',
      [[1, 2, 3]],
      { sampleShape: [2] },
      'each sample must have the 2 numbers of sampleShape [2], got [3]',
    ],
    ['a side of 0', [1], { sampleShape: [0] }, 'sampleShape[0] must be a positive integer, got 0'],
    ['no sides', [1], { sampleShape: [] }, 'sampleShape must have at least one dimension, got []'],
    [
      'ragged rows',
      [[1, 2], [3]],
      {},
      'values[1] must have 2 entries like the first one at that depth, got 1',
    ],
    ['a row among numbers', [1, [2]], { sampleShape: [1] }, 'values[1] must be a number, got [2]'],
    [
      'a number among rows',
      [[1, 2], 3],
      {},
      'values[1] must have 2 entries like the first one at that depth, got 3',
    ],
    ['text', [['a']], {}, "values[0][0] must be a number, got 'a'"],
    [
      'bytes among floats',
      [new Float32Array(2), new Uint8Array(2)],
      {},
      'values[1] must be like the first at that depth, an instance of Float32Array, got an instance of Uint8Array',
    ],
    ['something else', 7, {}, 'values must be a typed array or nested arrays of numbers, got 7'],
    [
      'NaN, naming its place',
      [
        [0, 0],
        [0, NaN],
      ],
      {},
      'all values must be finite, got NaN at position [1] of sample 1',
    ],
    [
      'infinity, naming its place',
      new Float32Array([0, 0, 0, 0, 0, 0, -Infinity, 0]),
      image,
      'all values must be finite, got -Infinity at position [1, 0, 0] of sample 1',
    ],
    [
      'images of 0…255 floats',
      new Float32Array([0, 3, 200, 255]),
      image,
      'values must lie in [-1, 1], got 0 to 255. Pass pixels as a Uint8Array, or inputRange: [0, 255], ' +
        'to scale them; if the range is intended, pass valueRange',
    ],
    [
      'flat images of 0…255 whole floats',
      new Float32Array(784).fill(255, 9),
      { sampleShape: [784] },
      'values must not be pixels of 0…255, got integers from 0 to 255. Pass a Uint8Array',
    ],
    [
      'images that leave their range',
      [[[[-2]]]],
      {},
      'values must lie in [-1, 1], got -2 to -2. Pass inputRange, their actual range',
    ],
    [
      'bytes above inputRange',
      new Uint8Array([0, 2]),
      { sampleShape: [2], inputRange: [0, 1] },
      'values must lie in [0, 1], got 0 to 2',
    ],
    [
      'too few labels',
      ten,
      { labels: [1] },
      'labels must name a class for each of the 10 samples, got 1 labels',
    ],
    ['labels that are null', ten, { labels: null }, 'labels must be an array, got null'],
    ['labels that are a number', ten, { labels: 7 }, 'labels must be an array, got 7'],
    ['labels that are text', [[1]], { labels: '7' }, "labels must be an array, got '7'"],
    [
      'half labels',
      [[1]],
      { labels: [0.5] },
      'labels[0] must be an integer of at least 0, got 0.5',
    ],
    [
      'one-hot labels',
      [[1]],
      { labels: [[0, 1]] },
      'labels[0] must be an integer of at least 0, got 0,1',
    ],
    [
      'negative labels',
      [[1]],
      { labels: [-1] },
      'labels[0] must be an integer of at least 0, got -1',
    ],
    [
      'labels above classes',
      [[1]],
      { labels: [3], classes: 3 },
      'labels[0] must be an integer from 0 to 2, got 3',
    ],
    ['no classes', [[1]], { labels: [0], classes: 0 }, 'classes must be a positive integer, got 0'],
    [
      'a range upside down',
      [[1]],
      { valueRange: [1, -1] },
      'valueRange must be two finite numbers, the lower first, got [1, -1]',
    ],
    ['half a range', [[1]], { inputRange: [0] }, 'inputRange must be two finite numbers'],
  ])('%s', (_, values, options, message) => {
    const make = datasetFromArray as (values: unknown, options: unknown) => unknown;
    expect(() => make(values, { name: 'mine', ...options })).toThrow(
      "Cannot create the dataset 'mine': ",
    );
    expect(() => make(values, options)).toThrow(message);
  });

  test('but takes values that are meant so', async () => {
    const pixels = new Float32Array([0, 3, 200, 255]);
    const dataset = datasetFromArray(pixels, { ...image, valueRange: [0, 255] });
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[0, 3, 200, 255]]);
  });
});

describe('InMemoryDataset.slice', () => {
  const whole = datasetFromArray(ten, { labels: ten.map((_, i) => i) });

  test('splits into parts that have nothing in common', async () => {
    const [first, rest] = [whole.slice(0, 7), whole.slice(7)];
    expect([first.size, rest.size, rest.classes]).toEqual([7, 3, 10]);
    expect(await labelsOf(first, { batchSize: 7 })).toEqual([[0, 1, 2, 3, 4, 5, 6]]);
    expect(await labelsOf(rest, { batchSize: 3 })).toEqual([[7, 8, 9]]);
    expect(await valuesOf(rest, { batchSize: 3 })).toEqual([ten.slice(7).flat()]);
  });

  test('counts from the end below 0 and slices a slice', async () => {
    expect(await labelsOf(whole.slice(-4).slice(1, 3), { batchSize: 2 })).toEqual([[7, 8]]);
  });

  test('refuses to leave nothing', () => {
    expect(() => whole.slice(10)).toThrow(
      "Cannot slice the dataset 'array': start and end must leave at least one of its 10 samples, got 10 and 10",
    );
    expect(() => whole.slice(0.5)).toThrow('start must be an integer, got 0.5');
  });
});
