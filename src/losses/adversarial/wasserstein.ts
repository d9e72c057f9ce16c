import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * The Wasserstein loss: the discriminator is a critic whose answers to real samples and to fakes lie far apart.
 *
 *     discriminator = mean(fake) − mean(real)
 *     generator     = −mean(fake)
 *
 * While the critic's slope is bounded, minus its loss estimates (up to that bound) how far the generated samples are
 * from the real ones: a curve that falls as samples get better, which no other loss here has. Unbounded, it grows without
 * end, so never use it alone: add {@link GradientPenalty} (WGAN-GP), {@link SpectralNorm} or {@link WeightClipping} (WGAN), and let the critic
 * move several times a step.
 *
 * The answers have no zero point: accuracies and `discriminator.probability` mean nothing under this loss.
 *
 * - Shapes: `real` and `fake` are answers of any shape; the results are scalars.
 * - Memory: the inputs stay the caller's; the results are the caller's.
 *
 * @example WGAN-GP for points in the plane
 * ```ts
 * const gan = createMlpGan({
 *   sampleShape: [2],
 *   loss: new WassersteinLoss(),
 *   penalties: [new GradientPenalty({ weight: 0.1 })],
 *   updatesPerStep: { discriminator: 5 },
 * });
 * ```
 *
 * @see Arjovsky et al., Wasserstein GAN, 2017, equations 2 and 3 and algorithm 1. {@link https://arxiv.org/abs/1701.07875}
 */
export class WassersteinLoss implements Loss {
  readonly name = 'wasserstein';
  /** Only differences between answers count, so accuracies are measured from the middle of a batch's. */
  readonly decisionBoundary = 'midpoint';

  /**
   * @param options - None: it has no settings.
   * @throws TypeError where there is one.
   */
  constructor(options: Readonly<Record<string, never>> = {}) {
    checkOptions('create a WassersteinLoss', options, []);
  }

  /**
   * What the critic wants to be small.
   *
   * @param real - Its outputs for real samples.
   * @param fake - Its outputs for generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.sub(tf.mean(fake), tf.mean(real)).asScalar());
  }

  /**
   * What the generator wants to be small.
   *
   * @param fake - The critic's outputs for generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.neg(tf.mean(fake)).asScalar());
  }
}
