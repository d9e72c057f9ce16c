import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { Batch, Dataset } from '../../src/data/dataset.ts';
import { datasetFromArray } from '../../src/data/from-array.ts';
import { datasetFromTfData } from '../../src/data/from-tf-data.ts';
import { paired } from '../../src/data/paired.ts';
import { unpaired } from '../../src/data/unpaired.ts';
import { datasetContract } from './dataset-contract.ts';
import { counted, everyTensorOf, watched } from './joins.ts';

const threeClasses = Array.from({ length: 10 }, (_, i) => i % 3);

function stream(size: number, offset = 0): Promise<Dataset> {
  const rows = Array.from({ length: size }, (_, i) => [i + offset]);
  return datasetFromTfData(tf.data.array(rows));
}

describe('paired', () => {
  datasetContract(
    () => paired({ source: counted(10, 100), samples: counted(10, 0, threeClasses) }),
    ([first = NaN]) => first % 3,
  );
  describe('with labels that are not those of samples', () => {
    datasetContract(() => paired({ samples: counted(10), source: counted(10, 100, threeClasses) }));
  });

  test('is a dataset like samples, and says what else its batches hold', () => {
    const faces = datasetFromArray(new Uint8Array(2 * 4 * 4 * 3), {
      name: 'faces',
      sampleShape: [4, 4, 3],
      labels: [0, 4],
    });
    const masks = datasetFromArray(new Uint8Array(2 * 4 * 4), {
      name: 'masks',
      sampleShape: [4, 4, 1],
      valueRange: [0, 1],
    });
    const both = paired({ mask: masks, samples: faces });
    expect({ ...both, batches: undefined }).toEqual({
      name: 'paired(samples: faces, mask: masks)',
      size: 2,
      sampleShape: [4, 4, 3],
      classes: 5,
      classCounts: [1, 0, 0, 0, 1],
      tensors: { mask: [4, 4, 1] },
      valueRange: [-1, 1],
      batches: undefined,
    });
  });

  test.each([undefined, 0, 1, 2, 77, 2 ** 31 + 5])(
    'keeps rows together under seed %s',
    async (seed) => {
      const three = paired({
        samples: counted(23, 0),
        source: counted(23, 100),
        depth: counted(23, 1000),
      });
      const batches = await everyTensorOf(three, { batchSize: 4, seed });
      expect(batches).toHaveLength(5);
      for (const { samples = [], source, depth } of batches) {
        expect(source).toEqual(samples.map((value) => value + 100));
        expect(depth).toEqual(samples.map((value) => value + 1000));
      }
      const rows = batches.flatMap(({ samples = [] }) => samples);
      expect(new Set(rows).size).toBe(20);
      const stored = Array.from({ length: 20 }, (_, i) => i);
      expect(String(rows) === String(stored)).toBe(seed === undefined);
    },
  );

  test('gives the labels of samples, and only those', async () => {
    const labels = Array.from({ length: 10 }, (_, i) => 9 - i);
    const both = paired({
      samples: counted(10, 0, labels),
      source: counted(10, 100, threeClasses),
    });
    const [first] = await everyTensorOf(both, { batchSize: 10, seed: 4 });
    expect(Object.keys(first ?? {}).sort()).toEqual(['labels', 'samples', 'source']);
    expect(first?.['labels']).toEqual(first?.['samples']?.map((value) => 9 - value));
  });

  test('continues at every batch as if it had not stopped', async () => {
    const both = paired({ samples: counted(23), source: counted(23, 100) });
    const whole = await everyTensorOf(both, { batchSize: 3, seed: 5 });
    expect(whole).toHaveLength(7);
    for (let firstBatch = 0; firstBatch <= 7; firstBatch += 1) {
      expect(await everyTensorOf(both, { batchSize: 3, seed: 5, firstBatch })).toEqual(
        whole.slice(firstBatch),
      );
    }
  });

  test('joins streams with each other', async () => {
    const both = paired({ samples: await stream(7), source: await stream(7, 100) });
    expect(await everyTensorOf(both, { batchSize: 3, seed: 1, firstBatch: 1 })).toEqual([
      { samples: [3, 4, 5], source: [103, 104, 105] },
    ]);
  });

  test('leaves nothing behind if its reader breaks off', async () => {
    const before = tf.memory().numTensors;
    const samples = watched(counted(10, 0, threeClasses));
    const source = watched(counted(10, 100, threeClasses));
    const both = paired({ samples: samples.dataset, source: source.dataset });
    for await (const batch of both.batches({ batchSize: 2, seed: 1 })) {
      expect(tf.memory().numTensors).toBe(before + 3);
      tf.dispose({ ...batch });
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
    expect([samples.watch, source.watch]).toEqual([
      { begun: 1, ended: 1 },
      { begun: 1, ended: 1 },
    ]);
  });

  test('begins nothing if it ends before its first batch', async () => {
    const { dataset, watch } = watched(counted(10));
    const both = paired({ samples: dataset, source: counted(10) });
    expect(await everyTensorOf(both, { batchSize: 3, firstBatch: 3 })).toEqual([]);
    expect(watch.begun).toBe(0);
  });

  test.each(['samples', 'source', 'depth'])(
    'leaves nothing behind if %s fails',
    async (failing) => {
      const before = tf.memory().numTensors;
      const watches = ['samples', 'source', 'depth'].map((name) => ({
        name,
        ...watched(counted(10, 0, threeClasses), name === failing ? 2 : Infinity),
      }));
      const datasets = Object.fromEntries(watches.map(({ name, dataset }) => [name, dataset]));
      const all = paired({ samples: counted(10), ...datasets });
      const given: Batch[] = [];
      await expect(async () => {
        for await (const batch of all.batches({ batchSize: 2 })) {
          given.push(batch);
          tf.dispose({ ...batch });
        }
      }).rejects.toThrow('the disk is gone');
      expect(given).toHaveLength(2);
      expect(tf.memory().numTensors).toBe(before);
      expect(watches.map(({ watch }) => watch)).toEqual(Array(3).fill({ begun: 1, ended: 1 }));
    },
  );
});

describe('paired refuses', () => {
  const [samples, source] = [counted(10), counted(10)];
  const own = (batch: () => object, count = 5): Dataset => ({
    name: 'mine',
    size: 10,
    sampleShape: [1],
    async *batches() {
      for (let i = 0; i < count; i += 1) yield await Promise.resolve(batch() as Batch);
    },
  });

  test.each<[what: string, datasets: unknown, message: string]>([
    [
      'a list',
      [samples, source],
      'datasets must be an object of datasets by name, got [an object, an object]. Write paired({ samples, source })',
    ],
    ['nothing', undefined, 'datasets must be an object of datasets by name, got undefined. Write'],
    [
      'no dataset',
      {},
      'datasets must be at least two, got none. Write paired({ samples, source })',
    ],
    ['one dataset', { samples }, 'datasets must be at least two, got samples alone. Write paired('],
    [
      'no samples',
      { a: samples, b: source },
      "one of the names must be 'samples', which the generator learns, got a, b. Write paired({ samples, source })",
    ],
    [
      'labels',
      { samples, labels: source },
      "names must differ from 'labels', which are the classes of samples, got 'labels'. Choose another name",
    ],
    [
      'what is no dataset',
      { samples, source: [1, 2] },
      'source must be a Dataset, got [1, 2]. Create one with datasetFromArray, datasetFromTensor or datasetFromTfData',
    ],
    [
      'a dataset that is not there yet',
      { samples, source: Promise.resolve(source) },
      'source must be a Dataset, got an instance of Promise. Wait for it: await loadMnist()',
    ],
    [
      'other sizes',
      { samples, source: counted(9) },
      'source must have the size of samples, 10, got 9. Leave out rows without a partner, or join sets without pairs by ' +
        'unpaired({ a, b })',
    ],
    [
      'a size nobody knows',
      { samples, source: { ...source, size: undefined } },
      'source must have a known finite size, got undefined. State one, such as ' +
        'datasetFromTfData(source, { size: 10_000 })',
    ],
    [
      'an endless one',
      { samples: { ...samples, size: Infinity }, source },
      'samples must have a known finite size, got Infinity. State',
    ],
    [
      'an empty one',
      { samples: { ...samples, size: 0 }, source },
      'samples must have a known finite size, got 0. State',
    ],
    [
      'a join, whose tensors would be lost',
      { samples: unpaired({ a: samples, b: source }), source },
      'samples must return samples and labels only, as other tensors would be lost, got a, b as well. Join all datasets in one call',
    ],
  ])('%s', (_, datasets, message) => {
    expect(() => paired(datasets as Parameters<typeof paired>[0])).toThrow(
      `Cannot join datasets: ${message}`,
    );
  });

  test('a stream beside what the seed shuffles', async () => {
    const cure = 'Create all with datasetFromTfData, or none';
    const shuffled = await stream(10);
    expect(() => paired({ samples, source: shuffled })).toThrow(
      'Cannot join datasets: source must have the order of samples under every seed, got the stream source, which keeps ' +
        `its own order, and samples, which is shuffled. ${cure}`,
    );
    expect(() => paired({ samples: shuffled, source })).toThrow(
      `got the stream samples, which keeps its own order, and source, which is shuffled. ${cure}`,
    );
  });

  test.each<[what: string, dataset: Dataset, message: string]>([
    [
      'batches of other numbers of rows',
      own(() => ({ samples: tf.zeros([3, 1]), labels: tf.zeros([3]) })),
      'all datasets must return batches with equal numbers of rows, got 2 of samples, 3 of source',
    ],
    [
      'fewer batches than the size says',
      own(() => ({ samples: tf.zeros([2, 1]) }), 4),
      'source must return 5 batches of 2 in a pass, as its size 10 implies, got 4',
    ],
    [
      'a batch without samples',
      own(() => ({ labels: tf.zeros([2]) })),
      'source must return { samples: a tensor of rows }, got an object with samples undefined',
    ],
  ])('%s', async (_, dataset, message) => {
    const before = tf.memory().numTensors;
    const { dataset: seen, watch } = watched(dataset);
    const both = paired({ samples, source: seen });
    await expect(everyTensorOf(both, { batchSize: 2 })).rejects.toThrow(
      `Cannot batch the dataset 'paired(samples: from 0, source: mine)': ${message}`,
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(watch).toEqual({ begun: 1, ended: 1 });
  });
});
