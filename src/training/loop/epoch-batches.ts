import * as tf from '@tensorflow/tfjs';
import type { Batch, BatchesOptions, Dataset } from '../../data/dataset.ts';
import { checkBatchLabels } from './condition-data.ts';
import { checkBatch, checkValues, type BatchExpectation } from './check-batch.ts';

/**
 * One pass through the data, in groups of as many batches as a step uses. An incomplete last group
 * is dropped.
 *
 * Each group is disposed when the next one is requested.
 *
 * @internal
 */
export async function* epochBatches(
  dataset: Dataset,
  options: BatchesOptions & { readonly batchesPerStep: number },
  expected: BatchExpectation,
): AsyncGenerator<readonly Batch[], void, void> {
  const { batchesPerStep, ...pass } = options;
  let taken: Batch[] = [];
  let checked = false;
  try {
    for await (const batch of dataset.batches(pass)) {
      taken.push(batch);
      checkBatch(batch, expected);
      await checkBatchLabels(batch, dataset, expected.batch);
      if (!checked) await checkValues(batch, expected);
      checked = true;
      if (taken.length < batchesPerStep) continue;
      yield taken;
      disposeBatches(taken);
      taken = [];
    }
  } finally {
    disposeBatches(taken);
  }
}

/** Frees invalid batches of a dataset as well, if they contain tensors. */
function disposeBatches(batches: readonly Batch[]): void {
  tf.dispose(batches as unknown as tf.TensorContainer);
}
