import * as tf from '@tensorflow/tfjs';
import { checkInRange, withDefaults } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * Binary cross-entropy on logits, non-saturating: the loss of DCGAN and of most GANs.
 *
 * With σ the sigmoid and s the label smoothing:
 *
 *     discriminator = −mean((1 − s)·log σ(real) + s·log(1 − σ(real))) − mean(log(1 − σ(fake)))
 *     generator     = −mean(log σ(fake))
 *
 * Both are computed with softplus from the logits, so probabilities are not rounded to 0 or 1. A
 * discriminator that guesses gives 2·ln 2 ≈ 1.386 and ln 2 ≈ 0.693.
 *
 * - Shapes: `real` and `fake` are logits of any shape; the results are scalars.
 * - Memory: the caller owns the inputs and the results.
 *
 * @example DCGAN with smoothed labels
 * ```ts
 * const gan = createDcgan({
 *   imageShape: [28, 28, 1],
 *   loss: new BceLoss({ labelSmoothing: 0.1 }),
 * });
 * ```
 *
 * @example Smoothed labels penalize overconfidence
 * ```ts
 * const options = { labelSmoothing: 0.1 };
 * const [real, fake] = [tf.tensor1d([10]), tf.tensor1d([-10])];
 * const plain = new BceLoss().discriminator(real, fake);
 * const smoothed = new BceLoss(options).discriminator(real, fake);
 * console.log((await plain.data())[0]?.toFixed(1), (await smoothed.data())[0]?.toFixed(1)); // 0.0 1.0
 * tf.dispose([real, fake, plain, smoothed]);
 * ```
 *
 * @see Goodfellow et al., Generative Adversarial Networks, 2014, section 3.
 * {@link https://arxiv.org/abs/1406.2661}
 * @see Salimans et al., Improved Techniques for Training GANs, 2016, section 3.4 (one-sided label
 * smoothing). {@link https://arxiv.org/abs/1606.03498}
 */
export class BceLoss implements Loss {
  readonly name = 'bce';
  readonly settings: {
    /** One minus the target of real samples. */
    readonly labelSmoothing: number;
  };

  /**
   * @param options - Label smoothing.
   * @throws RangeError if `labelSmoothing` is not in [0, 1).
   */
  constructor(
    options: {
      /**
       * One minus the target of *real* samples: 0.1 means 0.9. At least 0, less than 1.
       *
       * One-sided: a smoothed target for fake samples would reinforce the generator's current
       * output.
       *
       * @defaultValue `0`
       */
      readonly labelSmoothing?: number | undefined;
    } = {},
  ) {
    const action = 'create a BceLoss';
    const { labelSmoothing } = withDefaults(action, options, { labelSmoothing: 0 });
    checkInRange(action, 'labelSmoothing', labelSmoothing, 0, 1);
    this.settings = Object.freeze({ labelSmoothing });
  }

  /**
   * The loss of the discriminator.
   *
   * @param real - Its logits for real samples.
   * @param fake - Its logits for generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      // softplus(−x) + s·x is the cross-entropy of σ(x) against the target 1 − s.
      const target = tf.mul(real, this.settings.labelSmoothing);
      const onReal = tf.mean(tf.add(tf.softplus(tf.neg(real)), target));
      return tf.add(onReal, tf.mean(tf.softplus(fake))).asScalar();
    });
  }

  /**
   * The loss of the generator.
   *
   * @param fake - The discriminator's logits for generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return tf.tidy(() => tf.mean(tf.softplus(tf.neg(fake))).asScalar());
  }
}
