import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * The hinge loss of SNGAN, SAGAN and BigGAN: the discriminator learns from samples inside its margin only.
 *
 *     discriminator = mean(max(0, 1 − real)) + mean(max(0, 1 + fake))
 *     generator     = −mean(fake)
 *
 * Real samples that are answered by 1 or more, and fakes by −1 or less, are done with. The generator's half has the same
 * slope everywhere, so it does not fade where the discriminator is sure. At its best with spectral normalization.
 *
 * - Shapes: `real` and `fake` are answers of any shape; the results are scalars.
 * - Memory: the inputs stay the caller's; the results are the caller's.
 *
 * @example
 * ```ts
 * const gan = createDcgan({ imageShape: [28, 28, 1], loss: new HingeLoss() });
 * ```
 *
 * @see Lim and Ye, Geometric GAN, 2017. {@link https://arxiv.org/abs/1705.02894}
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, equations 16 and 17.
 * {@link https://arxiv.org/abs/1802.05957}
 */
export class HingeLoss implements Loss {
  readonly name = 'hinge';

  /**
   * @param options - None: it has no settings.
   * @throws TypeError where there is one.
   */
  constructor(options: Readonly<Record<string, never>> = {}) {
    checkOptions('create a HingeLoss', options, []);
  }

  /**
   * What the discriminator wants to be small.
   *
   * @param real - Its answers to real samples.
   * @param fake - Its answers to generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      const onReal = tf.mean(tf.relu(tf.sub(1, real)));
      return tf.add(onReal, tf.mean(tf.relu(tf.add(1, fake)))).asScalar();
    });
  }

  /**
   * What the generator wants to be small.
   *
   * @param fake - The discriminator's answers to generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.neg(tf.mean(fake)).asScalar());
  }
}
