import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * The hinge loss of SNGAN, SAGAN and BigGAN: the discriminator learns only from samples inside its
 * margin.
 *
 *     discriminator = mean(max(0, 1 − real)) + mean(max(0, 1 + fake))
 *     generator     = −mean(fake)
 *
 * Real samples with outputs of at least 1, and fake samples with at most −1, have zero loss. The
 * generator's gradient is constant, so it does not vanish if the discriminator is confident. Works
 * best with spectral normalization.
 *
 * - Shapes: `real` and `fake` are outputs of any shape; the results are scalars.
 * - Memory: the caller owns the inputs and the results.
 *
 * @example
 * ```ts
 * const gan = createDcgan({ imageShape: [28, 28, 1], loss: new HingeLoss() });
 * ```
 *
 * @see Lim and Ye, Geometric GAN, 2017. {@link https://arxiv.org/abs/1705.02894}
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, equations
 * 16 and 17. {@link https://arxiv.org/abs/1802.05957}
 */
export class HingeLoss implements Loss {
  readonly name = 'hinge';

  /**
   * @param options - None: it has no settings.
   * @throws TypeError if there is one.
   */
  constructor(options: Readonly<Record<string, never>> = {}) {
    checkOptions('create a HingeLoss', options, []);
  }

  /**
   * The loss of the discriminator.
   *
   * @param real - Its outputs for real samples.
   * @param fake - Its outputs for generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      const onReal = tf.mean(tf.relu(tf.sub(1, real)));
      return tf.add(onReal, tf.mean(tf.relu(tf.add(1, fake)))).asScalar();
    });
  }

  /**
   * The loss of the generator.
   *
   * @param fake - The discriminator's outputs for generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.neg(tf.mean(fake)).asScalar());
  }
}
