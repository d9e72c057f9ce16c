import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { datasetFromArray } from '../../src/data/from-array.ts';
import { unpaired } from '../../src/data/unpaired.ts';
import { datasetContract } from './dataset-contract.ts';
import { counted, everyTensorOf, watched } from './joins.ts';

const threeClasses = Array.from({ length: 10 }, (_, i) => i % 3);
const sorted = (values: readonly number[] = []): number[] => [...values].sort((a, b) => a - b);
const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

describe('unpaired', () => {
  datasetContract(() => unpaired({ a: counted(10, 0, threeClasses), b: counted(10, 100) }));

  test('is a dataset like the first set, of the size of the largest', () => {
    const horses = datasetFromArray(new Uint8Array(2 * 4 * 4 * 3), {
      name: 'horses',
      sampleShape: [4, 4, 3],
      labels: [0, 4],
      valueRange: [0, 1],
    });
    const sets = unpaired({ horse: horses, count: counted(7) });
    expect({ ...sets, batches: undefined }).toEqual({
      name: 'unpaired(horse: horses, count: from 0)',
      size: 7,
      sampleShape: [4, 4, 3],
      tensors: { horse: [4, 4, 3], count: [1] },
      valueRange: [0, 1],
      batches: undefined,
    });
  });

  test('gives the first set as samples too, in the same tensor, and no labels', async () => {
    const before = tf.memory().numTensors;
    const labeled = counted(10, 0, threeClasses);
    for await (const batch of unpaired({ a: labeled, b: labeled }).batches({ batchSize: 10 })) {
      expect(Object.keys(batch).sort()).toEqual(['a', 'b', 'samples']);
      expect(batch.samples).toBe(batch['a']);
      expect(batch.samples).not.toBe(batch['b']);
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose({ ...batch });
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('lets the first set be called samples', async () => {
    const sets = unpaired({ samples: counted(4), b: counted(4, 100) });
    expect(sets.tensors).toEqual({ b: [1] });
    expect(await everyTensorOf(sets, { batchSize: 4 })).toEqual([
      { samples: [0, 1, 2, 3], b: [100, 101, 102, 103] },
    ]);
  });

  test('begins a shorter set anew, leaving out what does not fill a batch', async () => {
    const sets = unpaired({ a: counted(5), b: counted(8, 100) });
    expect(await everyTensorOf(sets, { batchSize: 2 })).toEqual([
      { a: [0, 1], samples: [0, 1], b: [100, 101] },
      { a: [2, 3], samples: [2, 3], b: [102, 103] },
      { a: [0, 1], samples: [0, 1], b: [104, 105] },
      { a: [2, 3], samples: [2, 3], b: [106, 107] },
    ]);
  });

  test('gives sets of one size orders of their own', async () => {
    const sets = unpaired({ a: counted(20), b: counted(20) });
    const [batch] = await everyTensorOf(sets, { batchSize: 20, seed: 3 });
    expect(sorted(batch?.['a'])).toEqual(upTo(20));
    expect(sorted(batch?.['b'])).toEqual(upTo(20));
    expect(batch?.['a']).not.toEqual(batch?.['b']);
    expect(batch?.['a']).not.toEqual(upTo(20));
  });

  test('gives a shorter set another order each time, and another for another seed', async () => {
    const sets = unpaired({ a: counted(60), b: counted(15) });
    const of = async (seed: number): Promise<number[][]> => {
      const batches = await everyTensorOf(sets, { batchSize: 5, seed });
      expect(sorted(batches.flatMap(({ a = [] }) => a))).toEqual(upTo(60));
      const b = batches.flatMap((batch) => batch['b'] ?? []);
      return [0, 15, 30, 45].map((start) => b.slice(start, start + 15));
    };
    const laps = [...(await of(7)), ...(await of(8))];
    for (const lap of laps) expect(sorted(lap)).toEqual(upTo(15));
    expect(new Set(laps.map(String)).size).toBe(8);
    expect([...(await of(7)), ...(await of(8))]).toEqual(laps);
  });

  test.each([undefined, 0, 5])(
    'continues at every batch as if it had not stopped, seed %s',
    async (seed) => {
      const sets = unpaired({ a: counted(5), b: counted(23, 100), c: counted(7, 200) });
      const whole = await everyTensorOf(sets, { batchSize: 2, seed });
      expect(whole).toHaveLength(11);
      for (let firstBatch = 0; firstBatch <= 11; firstBatch += 1) {
        expect(await everyTensorOf(sets, { batchSize: 2, seed, firstBatch })).toEqual(
          whole.slice(firstBatch),
        );
      }
    },
  );

  test.each([1, 2, 3, 4])(
    'leaves nothing behind if its reader breaks off at batch %i',
    async (count) => {
      const before = tf.memory().numTensors;
      const a = watched(counted(20, 0));
      const b = watched(counted(4, 100, [0, 1, 2, 3]));
      const sets = unpaired({ a: a.dataset, b: b.dataset });
      let taken = 0;
      for await (const batch of sets.batches({ batchSize: 2, seed: 1 })) {
        tf.dispose({ ...batch });
        taken += 1;
        if (taken === count) break;
      }
      expect(tf.memory().numTensors).toBe(before);
      expect(a.watch).toEqual({ begun: 1, ended: 1 });
      expect(b.watch).toEqual({ begun: Math.ceil(count / 2), ended: Math.ceil(count / 2) });
    },
  );

  test.each(['a', 'b'])('leaves nothing behind if %s fails', async (failing) => {
    const before = tf.memory().numTensors;
    const a = watched(counted(20, 0, upTo(20)), failing === 'a' ? 3 : Infinity);
    const b = watched(counted(6, 100), failing === 'b' ? 2 : Infinity);
    const sets = unpaired({ a: a.dataset, b: b.dataset });
    await expect(everyTensorOf(sets, { batchSize: 2, seed: 1 })).rejects.toThrow(
      'the disk is gone',
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(a.watch).toEqual({ begun: 1, ended: 1 });
    expect(b.watch.ended).toBe(b.watch.begun);
  });
});

describe('unpaired refuses', () => {
  const [a, b] = [counted(10), counted(4)];

  test.each<[what: string, datasets: unknown, message: string]>([
    [
      'a function',
      counted,
      'datasets must be an object of datasets by name, got function counted. Write unpaired(',
    ],
    ['one set', { a }, 'datasets must be at least two, got a alone. Write unpaired({ a, b })'],
    [
      'labels',
      { a, labels: b },
      "names must differ from 'labels', which are the classes of samples, got 'labels'",
    ],
    [
      'an endless set',
      { a, b: { ...b, size: Infinity } },
      'b must have a known finite size, got Infinity',
    ],
    [
      'samples that are not the first',
      { a, samples: b },
      'samples must be the first set, as it is the one that is displayed and evaluated, got a first. Put samples first, or choose ' +
        'another name',
    ],
  ])('%s', (_, datasets, message) => {
    expect(() => unpaired(datasets as Parameters<typeof unpaired>[0])).toThrow(
      `Cannot join datasets: ${message}`,
    );
  });

  test('batches that a set cannot fill', () => {
    const sets = unpaired({ a, b });
    expect(() => sets.batches({ batchSize: 4 })).not.toThrow();
    expect(() => sets.batches({ batchSize: 5 })).toThrow(
      "Cannot batch the dataset 'unpaired(a: from 0, b: from 0)': batchSize must be at most 4, the number of samples of b, " +
        'got 5',
    );
  });
});
