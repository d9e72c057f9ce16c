import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';

/** Where latents are drawn from: the standard normal distribution, or uniform in −1…1. */
export type LatentDistribution = 'normal' | 'uniform';

/** @internal */
export const latentDistributions: readonly LatentDistribution[] = ['normal', 'uniform'];

/**
 * Latents for a batch, `[count, size]`; the caller disposes them.
 *
 * @internal
 */
export function drawLatents(
  random: Random,
  count: number,
  size: number,
  distribution: LatentDistribution,
): tf.Tensor2D {
  const values =
    distribution === 'normal'
      ? random.normalArray(count * size)
      : random.uniformArray(count * size, -1, 1);
  return tf.tensor2d(values, [count, size]);
}
