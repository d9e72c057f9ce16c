import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkPositiveInteger, checkSeed, withDefaults } from '../core/checks.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { Generator } from '../models/generator.ts';
import { drawValues } from '../models/latents.ts';

/**
 * Settings of {@link truncate}.
 *
 * @example Shrink the latents instead of redrawing the extreme ones
 * ```ts
 * const options: TruncateOptions = { psi: 0.7, seed: 1 };
 * const latents = truncate(generator, 16, options);
 * latents.dispose();
 * ```
 */
export interface TruncateOptions {
  /**
   * The largest magnitude of a latent; larger ones are redrawn. A positive number, and less than 1
   * for uniform latents, which have no larger magnitude.
   *
   * @defaultValue `1.5`, or `0.75` for uniform latents; none if `psi` is set
   */
  readonly threshold?: number | undefined;
  /**
   * Multiplies the latents instead, a positive number: 1 leaves them as they are, 0 would be their
   * mean.
   *
   * @defaultValue none
   */
  readonly psi?: number | undefined;
  /**
   * Determines the latents, as in `generator.latents`.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/**
 * Draws latents near the center of their distribution: samples are more typical and less diverse.
 *
 * Two ways, of which the call takes one. `threshold` redraws each latent whose magnitude is larger,
 * as BigGAN does. `psi` multiplies all of them, as StyleGAN does around its mean. Latents that
 * `threshold` leaves alone are those of `generator.latents(count, { seed })`.
 *
 * @param generator - The generator, which knows size and distribution of its latents.
 * @param count - How many; a positive integer.
 * @param options - Threshold or factor, and the seed.
 * @returns `[count, latentSize]`, for `generator.generate`; the caller disposes it.
 * @throws RangeError if a value is out of range.
 * @throws TypeError if both `threshold` and `psi` are set, or an option is unknown.
 *
 * @example Typical samples
 * ```ts
 * const latents = truncate(generator, 16, { threshold: 0.8, seed: 1 });
 * const samples = generator.generate(latents);
 * tf.dispose([latents, samples]);
 * ```
 *
 * @see Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2019,
 * section 3.1. {@link https://arxiv.org/abs/1809.11096}
 */
export function truncate(
  generator: Pick<Generator, 'latents' | 'latentSize' | 'latentDistribution'>,
  count: number,
  options: TruncateOptions = {},
): tf.Tensor2D {
  const action = 'truncate latents';
  const { latentSize, latentDistribution } = generator;
  const isNormal = latentDistribution === 'normal';
  const usual = isNormal ? 1.5 : 0.75;
  const { psi, seed, threshold } = withDefaults(action, options, {
    threshold: options.psi === undefined ? usual : undefined,
    psi: undefined,
    seed: 0,
  });
  checkPositiveInteger(action, 'count', count);
  checkSeed(action, seed);
  if (psi !== undefined) {
    if (threshold !== undefined) {
      throw new TypeError(
        `Cannot ${action}: only one of threshold and psi must be set, got ${threshold} and ${psi}`,
      );
    }
    checkPositive(action, 'psi', psi);
    return tf.tidy(() => tf.mul<tf.Tensor2D>(generator.latents(count, { seed }), psi));
  }
  checkPositive(action, 'threshold', threshold!);
  if (!isNormal && threshold! >= 1) {
    throw new RangeError(
      `Cannot ${action}: threshold must be less than 1 for uniform latents, got ${threshold}`,
    );
  }
  // The latents of `generator.latents`.
  const values = drawValues(new Random(seed), count * latentSize, latentDistribution);
  const redraws = new Random(deriveSeed(seed, 'truncate'));
  for (const [i, value] of values.entries()) {
    if (Math.abs(value) > threshold!) values[i] = within(redraws, threshold!, isNormal);
  }
  return tf.tensor2d(values, [count, latentSize]);
}

/**
 * A number of at most a magnitude: a uniform one, for a normal distribution kept with its density.
 */
function within(random: Random, threshold: number, isNormal: boolean): number {
  for (;;) {
    const value = threshold * (2 * random.uniform() - 1);
    if (!isNormal || random.uniform() < Math.exp(-0.5 * value * value)) return value;
  }
}
