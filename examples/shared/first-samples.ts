import type * as tf from '@tensorflow/tfjs';
import type { Dataset } from 'tfjs-gan';

/**
 * The first `count` samples of a dataset as one tensor, or all if it has fewer; the caller disposes
 * it.
 */
export async function firstSamples(dataset: Dataset, count: number): Promise<tf.Tensor> {
  const batchSize = Math.min(count, dataset.size ?? count);
  for await (const { samples, labels } of dataset.batches({ batchSize })) {
    labels?.dispose();
    return samples;
  }
  throw new Error(`Cannot take ${count} samples of ${dataset.name}: it has none`);
}
