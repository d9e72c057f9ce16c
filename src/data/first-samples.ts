import * as tf from '@tensorflow/tfjs';
import type { NamedArray } from '../core/named-arrays.ts';
import type { Dataset } from './dataset.ts';

/** Some samples of a dataset as plain numbers. @internal */
export interface FirstSamples extends NamedArray {
  /** The class of each, if the dataset has labels. */
  readonly labels?: readonly number[] | undefined;
}

/** Batch size if the size of the dataset is unknown. */
const fewAtATime = 16;

/**
 * The first samples of a pass through a dataset; fewer if it has fewer, undefined if it has none.
 *
 * @param seed - Decides the order: files are often sorted by class.
 *
 * @internal
 */
export async function firstSamples(
  dataset: Dataset,
  count: number,
  seed: number,
): Promise<FirstSamples | undefined> {
  const batchSize = Math.min(count, dataset.size ?? fewAtATime);
  const labels: number[] = [];
  const parts: Float32Array[] = [];
  let taken = 0;
  for await (const batch of dataset.batches({ batchSize, seed })) {
    try {
      parts.push(Float32Array.from(await batch.samples.data()));
      if (batch.labels !== undefined) labels.push(...(await batch.labels.data()));
    } finally {
      tf.dispose({ ...batch });
    }
    taken += batchSize;
    if (taken >= count) break;
  }
  if (taken === 0) return undefined;
  const kept = Math.min(taken, count);
  const size = dataset.sampleShape.reduce((product, length) => product * length, 1);
  const values = new Float32Array(kept * size);
  parts.forEach((part, i) => {
    values.set(part.subarray(0, values.length - i * batchSize * size), i * batchSize * size);
  });
  return {
    shape: [kept, ...dataset.sampleShape],
    values,
    labels: labels.length === 0 ? undefined : labels.slice(0, kept),
  };
}
