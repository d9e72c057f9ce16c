import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';

/**
 * Distribution of latents: standard normal, or uniform in −1…1.
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
 * Random rows of any shape, `[count, ...shape]`; the caller disposes them.
 *
 * @internal
 */
export function drawRows(
  random: Random,
  count: number,
  shape: readonly number[],
  distribution: LatentDistribution,
): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, count);
  return tf.tensor(drawValues(random, size, distribution), [count, ...shape]);
}

/** Random numbers. @internal */
export function drawValues(
  random: Random,
  size: number,
  distribution: LatentDistribution,
): Float32Array {
  return distribution === 'normal' ? random.normalArray(size) : random.uniformArray(size, -1, 1);
}

/** Names of the settings of every generator, besides its sizes. @internal */
export const latentNames = ['latentSize', 'latentDistribution', 'outputActivation'] as const;
