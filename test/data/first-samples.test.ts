import * as tf from '@tensorflow/tfjs';
import { type Dataset, datasetFromArray, ring8 } from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { firstSamples } from '../../src/data/first-samples.ts';
import '../support/on-cpu.ts';

const counted = datasetFromArray(
  Float32Array.from({ length: 40 }, (_, i) => i),
  {
    sampleShape: [1],
    labels: Array.from({ length: 40 }, (_, i) => Math.floor(i / 10)),
  },
);

describe('firstSamples', () => {
  test('gives as many as are wanted, in the order of the seed, and leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const some = (await firstSamples(counted, 12, 1))!;
    expect(some.shape).toEqual([12, 1]);
    expect(new Set(some.values).size).toBe(12);
    expect(some.labels).toEqual([...some.values].map((value) => Math.floor(value / 10)));
    expect(new Set(some.labels).size).toBeGreaterThan(1);
    expect(await firstSamples(counted, 12, 1)).toEqual(some);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('gives all of a smaller dataset', async () => {
    expect((await firstSamples(counted, 100, 1))!.shape).toEqual([40, 1]);
    expect((await firstSamples(ring8({ size: 7 }), 8, 1))!.shape).toEqual([7, 2]);
  });

  test('fills several batches of one whose size only a pass can tell', async () => {
    const streamed: Dataset = { ...counted, size: undefined };
    const { shape, values } = (await firstSamples(streamed, 25, 1))!;
    expect(shape).toEqual([25, 1]);
    expect(new Set(values).size).toBe(25);
    const none: Dataset = {
      ...streamed,
      batches: (options) => counted.batches({ ...options, firstBatch: 3 }),
    };
    expect(await firstSamples(none, 16, 1)).toBeUndefined();
  });
});
