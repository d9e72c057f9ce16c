import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * The original zero-sum game: the generator minimizes what the discriminator maximizes.
 *
 * With σ the sigmoid:
 *
 *     discriminator = −mean(log σ(real)) − mean(log(1 − σ(fake)))
 *     generator     =  mean(log(1 − σ(fake)))
 *
 * Mainly of theoretical interest. Its generator hardly learns while the discriminator is confident;
 * use {@link BceLoss} for training.
 *
 * - Shapes: `real` and `fake` are logits of any shape; the results are scalars.
 * - Memory: the caller owns the inputs and the results.
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
   * @throws TypeError if there is one.
   */
  constructor(options: Readonly<Record<string, never>> = {}) {
    checkOptions('create a MinimaxLoss', options, []);
  }

  /**
   * The loss of the discriminator.
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
   * The loss of the generator.
   *
   * @param fake - The discriminator's logits for generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.neg(tf.mean(tf.softplus(fake))).asScalar());
  }
}
