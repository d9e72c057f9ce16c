import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';

/**
 * Where latents are drawn from: the standard normal distribution, or uniform in −1…1.
 *
 * @example Latents that never leave −1…1
 * ```ts
 * const latentDistribution: LatentDistribution = 'uniform';
 * const generator = mlpGenerator({ sampleShape: [2], latentSize: 4, latentDistribution });
 * const latents = generator.latents(100, { seed: 1 });
 * console.log(Math.max(...(await latents.data())) < 1); // true
 * latents.dispose();
 * ```
 */
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

/** Names of the settings that every network that makes samples has besides its sizes. @internal */
export const latentNames: readonly string[] = [
  'latentSize',
  'latentDistribution',
  'outputActivation',
];
