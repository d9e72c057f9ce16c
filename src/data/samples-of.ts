import type * as tf from '@tensorflow/tfjs';
import type { Batch } from './dataset.ts';

/** The samples of a batch; disposes its other tensors. @internal */
export function samplesOf(batch: Batch): tf.Tensor {
  const { samples, ...others } = batch;
  for (const tensor of Object.values(others)) {
    // One tensor may have two names.
    if (tensor !== samples) tensor?.dispose();
  }
  return samples;
}
