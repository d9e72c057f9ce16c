import * as tf from '@tensorflow/tfjs';
import type { Batch, BatchesOptions, Dataset } from '../../data/dataset.ts';
import { checkBatchLabels } from './condition-data.ts';
import { checkBatch, checkValues, type BatchExpectation } from './check-batch.ts';

/**
 * One pass through the data, as many batches at a time as a step takes. What is left over at the end is not given.
 *
 * Each group is disposed when the next one is asked for.
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

/** Whatever a dataset gave in place of batches is freed as well, as far as it holds tensors. */
function disposeBatches(batches: readonly Batch[]): void {
  tf.dispose(batches as unknown as tf.TensorContainer);
}
