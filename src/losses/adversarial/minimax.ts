import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * The original zero-sum game: the generator makes small what the discriminator makes large.
 *
 * With σ the sigmoid:
 *
 *     discriminator = −mean(log σ(real)) − mean(log(1 − σ(fake)))
 *     generator     =  mean(log(1 − σ(fake)))
 *
 * Of interest for theory. Its generator learns next to nothing while the discriminator is sure, which is why
 * {@link BceLoss} is the one to train with.
 *
 * - Shapes: `real` and `fake` are logits of any shape; the results are scalars.
 * - Memory: the inputs stay the caller's; the results are the caller's.
 *
 * @example
 * ```ts
 * const gan = createDcgan({ imageShape: [28, 28, 1], loss: new MinimaxLoss() });
 * ```
 *
 * @see Goodfellow et al., Generative Adversarial Networks, 2014, equation 1.
 * {@link https://arxiv.org/abs/1406.2661}
 */
export class MinimaxLoss implements Loss {
  readonly name = 'minimax';

  /**
   * @param options - None: it has no settings.
   * @throws TypeError where there is one.
   */
  constructor(options: Readonly<Record<string, never>> = {}) {
    checkOptions('create a MinimaxLoss', options, []);
  }

  /**
   * What the discriminator wants to be small.
   *
   * @param real - Its logits for real samples.
   * @param fake - Its logits for generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() =>
      tf.add(tf.mean(tf.softplus(tf.neg(real))), tf.mean(tf.softplus(fake))).asScalar(),
    );
  }

  /**
   * What the generator wants to be small.
   *
   * @param fake - The discriminator's logits for generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.neg(tf.mean(tf.softplus(fake))).asScalar());
  }
}
