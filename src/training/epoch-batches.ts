import type { Batch, BatchesOptions, Dataset } from '../data/dataset.ts';
import { checkBatch, type SampleExpectation } from './check-batch.ts';

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
  expected: SampleExpectation,
): AsyncGenerator<readonly Batch[], void, void> {
  const { batchesPerStep, ...pass } = options;
  let taken: Batch[] = [];
  let checked = false;
  try {
    for await (const batch of dataset.batches(pass)) {
      taken.push(batch);
      if (!checked) await checkBatch(batch.samples, expected);
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

function disposeBatches(batches: readonly Batch[]): void {
  for (const { samples, labels } of batches) {
    samples.dispose();
    labels?.dispose();
  }
}
