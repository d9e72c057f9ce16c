import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { type Batch, type Dataset, datasetFromTensor, type Trainer } from 'tfjs-gan';

/** Pictures of noise. */
export const set = (count: number, channels: number, seed: number, side = 16): Promise<Dataset> =>
  datasetFromTensor(tf.randomUniform([count, side, side, channels], -1, 1, 'float32', seed));

export async function firstBatch(data: Dataset, batchSize: number): Promise<Batch> {
  for await (const batch of data.batches({ batchSize })) return batch;
  throw new Error('there is no batch');
}

/** All of a trainer's state but the history, which holds times. */
async function stateOf(trainer: Trainer): Promise<object> {
  return { ...(await trainer.snapshot()), history: 0 };
}

/** Whether a run that is stopped and restored in another trainer is the unbroken one, bit-for-bit. */
export async function expectResumes(
  make: () => { trainer: Trainer; dispose(): void },
  data: Dataset,
  stops: readonly number[],
): Promise<void> {
  const [whole, batchSize] = [make(), 2];
  await whole.trainer.fit(data, { until: { steps: 7 }, batchSize });
  for (const stop of stops) {
    const [first, second] = [make(), make()];
    await first.trainer.fit(data, { until: { steps: stop }, batchSize });
    await second.trainer.fit(data, { steps: 1, batchSize });
    await second.trainer.restore(structuredClone(await first.trainer.snapshot()));
    await second.trainer.fit(data, { until: { steps: 7 }, batchSize });
    expect(await stateOf(second.trainer)).toEqual(await stateOf(whole.trainer));
    for (const one of [first, second]) one.dispose();
  }
  whole.dispose();
}

/** All numbers of a network. */
export const weightsOf = (model: tf.LayersModel): number[] =>
  model.weights.flatMap((weight) => [...weight.read().dataSync()]);
