import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * The Wasserstein loss: the discriminator is a critic that maximizes the difference of its mean
 * outputs for real and fake samples.
 *
 *     discriminator = mean(fake) − mean(real)
 *     generator     = −mean(fake)
 *
 * If the critic's gradient norm is bounded, minus its loss estimates (up to that bound) the
 * Wasserstein distance between generated and real samples: a curve that decreases as samples
 * improve, unlike the other losses here. Without a bound it grows without limit, so never use it
 * alone: add {@link GradientPenalty} (WGAN-GP), {@link SpectralNorm} or {@link WeightClipping}
 * (WGAN), and update the critic several times per step.
 *
 * The outputs have no zero point: accuracies use the midpoint of a batch, and
 * `discriminator.probability` has no meaning with this loss.
 *
 * - Shapes: `real` and `fake` are outputs of any shape; the results are scalars.
 * - Memory: the caller owns the inputs and the results.
 *
 * @example WGAN-GP for 2-D points
 * ```ts
 * const gan = createMlpGan({
 *   sampleShape: [2],
 *   loss: new WassersteinLoss(),
 *   penalties: [new GradientPenalty({ weight: 0.1 })],
 *   updatesPerStep: { discriminator: 5 },
 * });
 * ```
 *
 * @see Arjovsky et al., Wasserstein GAN, 2017, equations 2 and 3 and algorithm 1.
 *   {@link https://arxiv.org/abs/1701.07875}
 */
export class WassersteinLoss implements Loss {
  readonly name = 'wasserstein';
  /**
   * Only differences between outputs matter, so accuracies are measured from the midpoint of a
   * batch.
   */
  readonly decisionBoundary = 'midpoint';

  /**
   * @param options - None: it has no settings.
   * @throws TypeError if there is one.
   */
  constructor(options: Readonly<Record<string, never>> = {}) {
    checkOptions('create a WassersteinLoss', options, []);
  }

  /**
   * The loss of the critic.
   *
   * @param real - Its outputs for real samples.
   * @param fake - Its outputs for generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.sub(tf.mean(fake), tf.mean(real)).asScalar());
  }

  /**
   * The loss of the generator.
   *
   * @param fake - The critic's outputs for generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.neg(tf.mean(fake)).asScalar());
  }
}
