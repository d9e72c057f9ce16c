import * as tf from '@tensorflow/tfjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { datasetFromTfData } from '../../src/data/from-tf-data.ts';
import { datasetContract, labelsOf, valuesOf } from './dataset-contract.ts';

type Stream = tf.data.Dataset<tf.TensorContainer>;

/** A stream of unknown length, made by a generator. */
function stream(elements: () => Iterable<unknown>): Stream {
  return tf.data.generator(elements as never);
}

function* points(): Generator<tf.Tensor> {
  for (let i = 0; i < 10; i += 1) yield tf.tensor1d([i, i / 2]);
}

describe('datasetFromTfData', () => {
  datasetContract(() => datasetFromTfData(stream(points)));
  describe('with labels and a known size', () => {
    const elements = Array.from({ length: 10 }, (_, i) => ({ xs: [i, -i], ys: i % 3 }));
    datasetContract(
      () => datasetFromTfData(tf.data.array(elements)),
      ([first = NaN]) => first % 3,
    );
  });

  test('gives the samples in the order of the stream, again in each pass', async () => {
    const dataset = await datasetFromTfData(stream(points));
    const once = await valuesOf(dataset, { batchSize: 2 });
    expect(once[0]).toEqual([0, 0, 1, 0.5]);
    expect(once).toHaveLength(5);
    expect(await valuesOf(dataset, { batchSize: 2, seed: 9 })).toEqual(once);
  });

  test('knows what the stream knows of its size', async () => {
    expect((await datasetFromTfData(stream(points))).size).toBeUndefined();
    expect((await datasetFromTfData(stream(points), { size: 10 })).size).toBe(10);
    expect((await datasetFromTfData(tf.data.array([[1, 2]]) as unknown as Stream)).size).toBe(1);
    expect((await datasetFromTfData(stream(points).repeat())).size).toBeUndefined();
    const endless = tf.data.array([[1, 2]]).repeat() as unknown as Stream;
    expect((await datasetFromTfData(endless)).size).toBe(Infinity);
    expect((await datasetFromTfData(stream(points).repeat(), { size: Infinity })).size).toBe(
      Infinity,
    );
  });

  test('does not believe the size 0 that zip states for a stream of unknown size', async () => {
    const labels = stream(function* () {
      yield* [0, 1];
    });
    const pairs = tf.data.zip({ xs: tf.data.array([[1], [2]]), ys: labels });
    expect(pairs.size).toBe(0);
    const dataset = await datasetFromTfData(pairs);
    expect(dataset.size).toBeUndefined();
    expect(await labelsOf(dataset, { batchSize: 2 })).toEqual([[0, 1]]);
  });

  test('takes as many samples from an endless stream as size says, and disposes the rest', async () => {
    const before = tf.memory().numTensors;
    const dataset = await datasetFromTfData(stream(points).repeat().prefetch(4), { size: 13 });
    const firsts = (await valuesOf(dataset, { batchSize: 4 })).map(([first]) => first);
    expect(firsts).toEqual([0, 4, 8]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [0, 'got 0'],
    [-1, 'got -1'],
    [2.5, 'got 2.5'],
    [Number.NaN, 'got NaN'],
    ['10', "got '10'"],
  ])('refuses the size %s', async (size, got) => {
    await expect(datasetFromTfData(stream(points), { size: size as number })).rejects.toThrow(
      `Cannot create the dataset 'tf.data': size must be a positive integer, ${got}`,
    );
  });

  test.each([
    ['{ xs, ys }', (i: number) => ({ xs: tf.tensor1d([i]), ys: tf.scalar(i, 'int32') })],
    ['{ samples, labels }', (i: number) => ({ samples: [i], labels: i })],
    ['labels of shape [1]', (i: number) => ({ xs: [i], ys: tf.tensor1d([i], 'int32') })],
  ])('takes %s', async (_, element) => {
    const before = tf.memory().numTensors;
    const source = stream(function* () {
      for (let i = 0; i < 4; i += 1) yield element(i);
    });
    const dataset = await datasetFromTfData(source, { classes: 4 });
    expect([dataset.sampleShape, dataset.classes]).toEqual([[1], 4]);
    expect(await labelsOf(dataset, { batchSize: 2 })).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(await valuesOf(dataset, { batchSize: 2 })).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('scales pixels from inputRange if given, and bytes by default', async () => {
    const pixels = stream(function* () {
      yield tf.tensor3d([0, 255], [1, 2, 1], 'int32');
    });
    const dataset = await datasetFromTfData(pixels, { inputRange: [0, 255] });
    expect(await valuesOf(dataset, { batchSize: 1 })).toEqual([[-1, 1]]);
    const bytes = stream(function* () {
      yield new Uint8Array([0, 255]);
    });
    const shaped = await datasetFromTfData(bytes, { sampleShape: [1, 2, 1], valueRange: [0, 1] });
    expect(await valuesOf(shaped, { batchSize: 1 })).toEqual([[0, 1]]);
  });

  test('disposes what it skips', async () => {
    const dataset = await datasetFromTfData(stream(points));
    const before = tf.memory().numTensors;
    expect(await valuesOf(dataset, { batchSize: 5, firstBatch: 1 })).toHaveLength(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  const bad: [string, () => unknown, object, string][] = [
    [
      'a stream of batches',
      () => tf.zeros([8, 2, 2, 1]),
      {},
      'got [8, 2, 2, 1]. Leave .batch() out of the pipeline',
    ],
    [
      'a stream of batched vectors, or images without channels',
      () => tf.zeros([4, 2]),
      {},
      'got [4, 2]. Leave .batch() out of the pipeline: the trainer creates the batches; for grayscale images ' +
        'pass sampleShape: [4, 2, 1]',
    ],
    [
      'elements without numbers',
      () => tf.zeros([0]),
      {},
      'each sample must have at least one number, got the shape [0]',
    ],
    [
      'one-hot labels',
      () => ({ xs: [1], ys: [0, 1] }),
      {},
      'the label of element 0 must be one integer, got the shape [2]. Convert one-hot labels to numbers with ' +
        'argMax, and leave .batch() out',
    ],
    [
      'half labels',
      () => ({ xs: [1], ys: 0.5 }),
      {},
      'the label of element 0 must be an integer of at least 0, got 0.5',
    ],
    [
      'labels above classes',
      () => ({ xs: [1], ys: 3 }),
      { classes: 3 },
      'the label of element 0 must be an integer from 0 to 2, got 3',
    ],
    [
      'pixels of 0…255',
      () => tf.fill([2, 2, 1], 200),
      {},
      'values must lie in [-1, 1], got 200 to 200. Pass pixels as a Uint8Array, or inputRange: [0, 255]',
    ],
    [
      'NaN',
      () => tf.tensor1d([0, NaN]),
      {},
      'all values must be finite, got NaN at position [1] of sample 0',
    ],
    [
      'another shape than stated',
      () => [1, 2],
      { sampleShape: [3] },
      'element 0 must have the shape [3], got [2]',
    ],
  ];
  test.each(bad)('refuses %s and leaves no tensors', async (_, element, options, message) => {
    const before = tf.memory().numTensors;
    const source = stream(function* () {
      yield element();
    });
    await expect(datasetFromTfData(source, options)).rejects.toThrow(
      `Cannot create the dataset 'tf.data': `,
    );
    await expect(datasetFromTfData(source, options)).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses an empty stream and what is no stream', async () => {
    const empty = tf.data.array([]) as unknown as Stream;
    await expect(datasetFromTfData(empty)).rejects.toThrow(
      "Cannot create the dataset 'tf.data': the stream must have a sample, got none",
    );
    await expect(datasetFromTfData([[1]] as never)).rejects.toThrow(
      'source must be a tf.data.Dataset, got [[1]]',
    );
  });

  test.each([null, undefined])('refuses %s in place of a stream', async (source) => {
    await expect(datasetFromTfData(source as never)).rejects.toThrow(
      new TypeError(
        `Cannot create the dataset 'tf.data': source must be a tf.data.Dataset, got ${String(source)}`,
      ),
    );
  });

  describe('disposes what the pipeline read ahead', () => {
    const zip = (streams: Stream | object): Stream => tf.data.zip(streams as never);
    const pipelines: [string, () => Stream][] = [
      ['shuffle', () => stream(points).shuffle(8, 'a')],
      ['prefetch', () => stream(points).prefetch(3)],
      ['shuffle and prefetch', () => stream(points).shuffle(8, 'a').prefetch(3)],
      ['prefetch and shuffle', () => stream(points).prefetch(3).shuffle(8, 'a')],
      [
        'a map after shuffle',
        () =>
          stream(points)
            .shuffle(8, 'a')
            .map((x) => tf.add(x as tf.Tensor, 1)),
      ],
      [
        'an asynchronous map between',
        () =>
          stream(points)
            .shuffle(8, 'a')
            .mapAsync(async (x) => {
              await (x as tf.Tensor).data();
              return tf.square(x as tf.Tensor);
            })
            .prefetch(2),
      ],
      ['shuffle after repeat', () => stream(points).repeat().shuffle(8, 'a')],
      ['repeat after shuffle', () => stream(points).shuffle(8, 'a').repeat()],
      [
        'zip',
        () =>
          zip({
            xs: stream(points).shuffle(8, 'a'),
            ys: stream(function* () {
              for (let i = 0; i < 10; i += 1) yield tf.scalar(i);
            }).prefetch(2),
          }),
      ],
    ];

    test.each(pipelines)('by %s: when made, when broken off, when read', async (name, make) => {
      const before = tf.memory().numTensors;
      const dataset = await datasetFromTfData(make());
      expect(tf.memory().numTensors).toBe(before);
      for (const broken of [1, 2]) {
        let count = 0;
        for await (const batch of dataset.batches({ batchSize: 2 })) {
          tf.dispose([batch.samples, ...(batch.labels === undefined ? [] : [batch.labels])]);
          count += 1;
          if (count === broken) break;
        }
        expect(tf.memory().numTensors).toBe(before);
      }
      if (name.includes('repeat')) return;
      expect(await valuesOf(dataset, { batchSize: 2 })).toHaveLength(5);
      expect(tf.memory().numTensors).toBe(before);
    });

    test('when an element is refused', async () => {
      const source = stream(function* () {
        for (let i = 0; i < 10; i += 1) yield tf.tensor1d([i === 4 ? NaN : i]);
      });
      const before = tf.memory().numTensors;
      const dataset = await datasetFromTfData(source.prefetch(3));
      await expect(valuesOf(dataset, { batchSize: 2 })).rejects.toThrow('got NaN');
      expect(tf.memory().numTensors).toBe(before);
    });

    test('when a later element fails, which nobody hears of any more', async () => {
      const unheard: unknown[] = [];
      const hear = (reason: unknown): number => unheard.push(reason);
      process.on('unhandledRejection', hear);
      onTestFinished(() => void process.off('unhandledRejection', hear));
      const before = tf.memory().numTensors;
      const source = stream(points).map((x) => {
        if ((x as tf.Tensor).dataSync()[0] === 3) throw new Error('a bad file');
        return tf.mul(x as tf.Tensor, 1);
      });
      const dataset = await datasetFromTfData(source.prefetch(5));
      for await (const { samples } of dataset.batches({ batchSize: 1 })) {
        samples.dispose();
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
      // tfjs's own map leaves the element its function refused: once for the first look, once for the pass.
      expect(tf.memory().numTensors).toBe(before + 2);
      expect(unheard).toEqual([]);
    });

    test('without waiting for a slow source, whose elements go as they arrive', async () => {
      const arrivals: (() => void)[] = [];
      const source = stream(points).mapAsync(async (x) => {
        if ((x as tf.Tensor).dataSync()[0]! > 0) {
          await new Promise<void>((resolve) => arrivals.push(resolve));
        }
        return tf.add(x as tf.Tensor, 1);
      }) as Stream;
      const before = tf.memory().numTensors;
      // Waits for nothing but the first element, though two more have been requested.
      await datasetFromTfData(source.prefetch(3));
      expect(tf.memory().numTensors).toBeGreaterThan(before);
      while (tf.memory().numTensors > before) {
        const arrive = arrivals.shift();
        if (arrive === undefined) throw new Error('no element is on its way, but tensors are left');
        arrive();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  test.each([
    ['another shape', [1, 2, 3], 'element 1 must have the shape [2], got [3]'],
    ['NaN', [1, NaN], 'all values must be finite, got NaN at position [1] of sample 1'],
    ['a label', { xs: [1, 2], ys: 1 }, 'element 1 must have no label, as the first'],
  ])('refuses a later element with %s', async (_, second, message) => {
    const dataset = await datasetFromTfData(
      stream(function* () {
        yield [1, 2];
        yield second;
      }),
    );
    await expect(valuesOf(dataset, { batchSize: 2 })).rejects.toThrow(message);
  });
});
