import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import type { BatchesOptions, Dataset } from '../../src/data/dataset.ts';

/** The values of each batch of a pass, as plain arrays; disposes the tensors. */
export async function valuesOf(dataset: Dataset, options: BatchesOptions): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of dataset.batches(options)) {
    batches.push([...((await batch.samples.data()) as Float32Array)]);
    tf.dispose({ ...batch });
  }
  return batches;
}

/** The labels of each batch of a pass. */
export async function labelsOf(dataset: Dataset, options: BatchesOptions): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of dataset.batches(options)) {
    batches.push([...((await batch.labels?.data()) ?? [])]);
    tf.dispose({ ...batch });
  }
  return batches;
}

/**
 * What is true of every dataset.
 *
 * @param make - Creates one of 10 samples, of more than one class if they have labels.
 * @param classOf - The class of a sample, from its values; omitted for a dataset without labels.
 */
export function datasetContract(
  make: () => Dataset | Promise<Dataset>,
  classOf?: (sample: readonly number[]) => number,
): void {
  describe('keeps the contract of Dataset', () => {
    test('gives batches of the stated shape and leaves the rest out', async () => {
      const dataset = await make();
      let count = 0;
      for await (const batch of dataset.batches({ batchSize: 4 })) {
        const { samples, labels } = batch;
        expect(samples.shape).toEqual([4, ...dataset.sampleShape]);
        expect(samples.dtype).toBe('float32');
        expect([labels?.shape, labels?.dtype]).toEqual(
          classOf === undefined ? [undefined, undefined] : [[4], 'int32'],
        );
        for (const [name, shape] of Object.entries(dataset.tensors ?? {})) {
          expect(batch[name]?.shape).toEqual([4, ...shape]);
        }
        tf.dispose({ ...batch });
        count += 1;
      }
      expect(count).toBe(2);
    });

    test('gives the same batches again for the same options', async () => {
      const dataset = await make();
      const first = await valuesOf(dataset, { batchSize: 3, seed: 5 });
      expect(await valuesOf(dataset, { batchSize: 3, seed: 5 })).toEqual(first);
    });

    test.each<BatchesOptions>([
      { batchSize: 10 },
      { batchSize: 3 },
      { batchSize: 3, firstBatch: 2 },
      { batchSize: 10, seed: 5 },
      { batchSize: 1, seed: 6 },
      { batchSize: 4, seed: 7, firstBatch: 1 },
    ])('gives each sample its own label, or none to any, for %o', async (options) => {
      const dataset = await make();
      const size = dataset.sampleShape.reduce((product, side) => product * side, 1);
      const batches = await valuesOf(dataset, options);
      const own = batches.map((values) =>
        Array.from({ length: classOf === undefined ? 0 : options.batchSize }, (_, row) =>
          classOf?.(values.slice(row * size, (row + 1) * size)),
        ),
      );
      expect(await labelsOf(dataset, options)).toEqual(own);
      expect(batches).toHaveLength(Math.floor(10 / options.batchSize) - (options.firstBatch ?? 0));
    });

    test('continues at firstBatch as if it had not stopped', async () => {
      const dataset = await make();
      const whole = await valuesOf(dataset, { batchSize: 2, seed: 5 });
      const rest = await valuesOf(dataset, { batchSize: 2, seed: 5, firstBatch: 3 });
      expect(whole).toHaveLength(5);
      expect(rest).toEqual(whole.slice(3));
      expect(await valuesOf(dataset, { batchSize: 2, seed: 5, firstBatch: 5 })).toEqual([]);
    });

    test('walks two passes at once without mixing them', async () => {
      const dataset = await make();
      const alone = await valuesOf(dataset, { batchSize: 5 });
      const [first, second] = await Promise.all([
        valuesOf(dataset, { batchSize: 5 }),
        valuesOf(dataset, { batchSize: 5 }),
      ]);
      expect([first, second]).toEqual([alone, alone]);
    });

    test('leaves no tensors behind but those it gave', async () => {
      const dataset = await make();
      const before = tf.memory().numTensors;
      await valuesOf(dataset, { batchSize: 3, seed: 1 });
      for await (const batch of dataset.batches({ batchSize: 3 })) {
        tf.dispose({ ...batch });
        break;
      }
      expect(tf.memory().numTensors).toBe(before);
    });

    test('refuses a batch larger than itself', async () => {
      const dataset = await make();
      await expect(valuesOf(dataset, { batchSize: 11 })).rejects.toThrow(
        `Cannot batch the dataset '${dataset.name}': batchSize must be at most 10, the number of ` +
          (dataset.size === undefined ? 'samples in the stream, got 11' : 'its samples, got 11'),
      );
    });

    test.each([0, -1, 1.5, NaN])('refuses batchSize %s', async (batchSize) => {
      const dataset = await make();
      expect(() => dataset.batches({ batchSize })).toThrow(
        `batchSize must be a positive integer, got ${batchSize}`,
      );
    });

    test('refuses a firstBatch below 0', async () => {
      const dataset = await make();
      expect(() => dataset.batches({ batchSize: 1, firstBatch: -1 })).toThrow(
        'firstBatch must be an integer of at least 0, got -1',
      );
    });
  });
}
