import type * as tf from '@tensorflow/tfjs';
import type { Batch } from '../../data/dataset.ts';
import type { Tensors } from '../../games/game.ts';

/** The tensors of a batch. @internal */
export function tensorsOf(batch: Batch): Tensors<string> {
  const entries = Object.entries(batch).filter(([, tensor]) => tensor !== undefined);
  return Object.fromEntries(entries as [string, tf.Tensor][]);
}

/** The number of rows of each tensor of a batch. @internal */
export function rowsOf(batch: Batch | Tensors<string>): number {
  return Object.values(batch)[0]?.shape[0] ?? 0;
}

/** Whether every value is a finite number. @internal */
export async function isFiniteTensor(samples: tf.Tensor): Promise<boolean> {
  const [, , allFinite] = await lowAndHigh(samples);
  return allFinite;
}

/** The minimum and maximum, and whether all values are finite. @internal */
export async function lowAndHigh(
  samples: tf.Tensor,
): Promise<[low: number, high: number, finite: boolean]> {
  let low = Infinity;
  let high = -Infinity;
  let finite = true;
  for (const value of await samples.data()) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (!Number.isFinite(value)) finite = false;
  }
  return [low, high, finite];
}
