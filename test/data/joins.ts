import * as tf from '@tensorflow/tfjs';
import type { Batch, BatchesOptions, Dataset } from '../../src/data/dataset.ts';
import { datasetFromArray } from '../../src/data/from-array.ts';
import type { InMemoryDataset } from '../../src/data/in-memory.ts';

/** Row i holds i + `offset`, exactly. */
export function counted(size: number, offset = 0, labels?: readonly number[]): InMemoryDataset {
  const rows = Array.from({ length: size }, (_, i) => [i + offset]);
  return datasetFromArray(rows, { name: `from ${offset}`, ...(labels && { labels }) });
}

/** Every tensor of every batch of a pass, by name; disposes them. */
export async function everyTensorOf(
  dataset: Dataset,
  options: BatchesOptions,
): Promise<Record<string, number[]>[]> {
  const all: Record<string, number[]>[] = [];
  for await (const batch of dataset.batches(options)) {
    const values: Record<string, number[]> = {};
    for (const [name, tensor] of Object.entries(batch)) {
      if (tensor !== undefined) values[name] = [...((await tensor.data()) as Float32Array)];
    }
    tf.dispose({ ...batch });
    all.push(values);
  }
  return all;
}

/** What became of a {@link watched} dataset's passes. */
export interface Watch {
  begun: number;
  ended: number;
}

/** A dataset that counts its passes, and throws in place of one batch if requested. */
export function watched(
  dataset: Dataset,
  failAt = Infinity,
): { readonly dataset: Dataset; readonly watch: Watch } {
  const watch = { begun: 0, ended: 0 };
  async function* batches(options: BatchesOptions): AsyncGenerator<Batch> {
    watch.begun += 1;
    let number = options.firstBatch ?? 0;
    try {
      for await (const batch of dataset.batches(options)) {
        if (number === failAt) {
          tf.dispose({ ...batch });
          throw new Error('the disk is gone');
        }
        number += 1;
        yield batch;
      }
    } finally {
      watch.ended += 1;
    }
  }
  return { dataset: { ...dataset, batches }, watch };
}
