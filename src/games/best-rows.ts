import * as tf from '@tensorflow/tfjs';
import type { NumberKind } from '../core/schedules/scheduled-number.ts';
import { outsideTape } from '../tfjs-internals/tape.ts';

/** What shares of fake samples may be. @internal */
export const topShares: NumberKind = {
  wanted: 'a number above 0 and at most 1',
  check: checkShare,
  checkScheduled: checkShare,
};

function checkShare(action: string, name: string, value: number): void {
  if (value > 0 && value <= 1) return;
  throw new RangeError(`Cannot ${action}: ${name} must be ${topShares.wanted}, got ${value}`);
}

/**
 * Picks the rows of the largest logits.
 *
 * @param logits - `[batch, …]`; of several logits in a row the mean counts.
 * @param share - Of the rows, rounded down, at least one.
 * @returns A function that takes those rows of a tensor; at a share of 1 the tensor as it is.
 *
 * @internal
 */
export function bestRows(logits: tf.Tensor, share: number): (rows: tf.Tensor) => tf.Tensor {
  const batch = logits.shape[0] ?? 0;
  // 0.29 · 100 is a little less than 29 in floating point.
  const count = Math.max(1, Math.floor(share * batch + 1e-9));
  if (count >= batch) return (rows) => rows;
  const places = outsideTape(() =>
    tf.tidy(() => tf.topk(tf.mean(tf.reshape(logits, [batch, -1]), 1), count).indices),
  ) as tf.Tensor1D;
  return (rows) => tf.gather(rows, places);
}
