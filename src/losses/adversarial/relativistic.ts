import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkSameShape, withDefaults } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/** Losses of a difference d that should be large. */
const costs: Readonly<
  Record<'bce' | 'hinge' | 'leastSquares', (difference: tf.Tensor) => tf.Tensor>
> = {
  bce: (difference) => tf.softplus(tf.neg(difference)),
  hinge: (difference) => tf.relu(tf.sub(1, difference)),
  leastSquares: (difference) => tf.square(tf.sub(difference, 1)),
};

/**
 * Relativistic losses: the discriminator compares how real real and fake samples look. The
 * generator thus also has a gradient through real samples: it gains if they look less real in
 * comparison.
 *
 * With f the loss of a difference, softplus(−d) = −log σ(d) for `'bce'`, max(0, 1 − d) for
 * `'hinge'` and (d − 1)² for `'leastSquares'`, each sample compared with an average (RaSGAN,
 * RaHingeGAN, RaLSGAN):
 *
 *     discriminator = mean(f(real − mean(fake))) + mean(f(mean(real) − fake))
 *     generator     = mean(f(fake − mean(real))) + mean(f(mean(fake) − real))
 *
 * and with `average: false`, sample compared with sample (RSGAN and variants):
 *
 *     discriminator = mean(f(real − fake))
 *     generator     = mean(f(fake − real))
 *
 * These are the paper's sums; its code halves those with averages. Each generator update requires
 * one more pass through the discriminator. Only differences matter, so outputs have no zero point:
 * accuracies use the midpoint of a batch, and `discriminator.probability` has no meaning with this
 * loss.
 *
 * - Shapes: `real` and `fake` are outputs of any shape, averaged over all elements; with
 *   `average: false` they have the same shape. The results are scalars.
 * - Memory: the caller owns the inputs and the results.
 *
 * @example RaLSGAN
 * ```ts
 * const gan = createDcgan({
 *   imageShape: [28, 28, 1],
 *   loss: new RelativisticLoss({ base: 'leastSquares' }),
 * });
 * ```
 *
 * @example Each real sample exceeds its partner, but not all exceed the average fake sample
 * ```ts
 * const options = { base: 'hinge', average: false } as const;
 * const [real, fake] = [tf.tensor1d([1, 3]), tf.tensor1d([0, 2])];
 * const byPartner = new RelativisticLoss(options).discriminator(real, fake);
 * const byAverage = new RelativisticLoss({ ...options, average: true }).discriminator(real, fake);
 * console.log((await byPartner.data())[0], (await byAverage.data())[0]); // 0 1
 * tf.dispose([real, fake, byPartner, byAverage]);
 * ```
 *
 * @see Jolicoeur-Martineau, The relativistic discriminator: a key element missing from standard
 * GAN, 2018, sections 4.1 to 4.3. {@link https://arxiv.org/abs/1807.00734}
 */
export class RelativisticLoss implements Loss {
  readonly name = 'relativistic';
  readonly settings: {
    /** The underlying loss. */
    readonly base: 'bce' | 'hinge' | 'leastSquares';
    /** Whether samples are compared with averages. */
    readonly average: boolean;
  };
  /** The loss of the generator uses the logits of real samples. */
  readonly usesRealLogits = true;
  /**
   * Only differences between outputs matter, so accuracies are measured from the midpoint of a
   * batch.
   */
  readonly decisionBoundary = 'midpoint';

  /**
   * @param options - The underlying loss, and what samples are compared with.
   * @throws RangeError if `base` or `average` has another value.
   */
  constructor(
    options: {
      /**
       * The underlying loss.
       *
       * @defaultValue `'bce'`
       */
      readonly base?: 'bce' | 'hinge' | 'leastSquares' | undefined;
      /**
       * Whether a sample is compared with the average output for the other kind (RaGAN), instead of
       * one sample of the other kind, its partner in the batch (RGAN).
       *
       * @defaultValue `true`
       */
      readonly average?: boolean | undefined;
    } = {},
  ) {
    const action = 'create a RelativisticLoss';
    const { base, average } = withDefaults(action, options, { base: 'bce', average: true });
    checkOneOf(action, 'base', base, ['bce', 'hinge', 'leastSquares'] as const);
    checkOneOf(action, 'average', average, [true, false]);
    this.settings = Object.freeze({ base, average });
  }

  /**
   * The loss of the discriminator.
   *
   * @param real - Its outputs for real samples.
   * @param fake - Its outputs for generated samples.
   * @returns A scalar.
   * @throws RangeError if samples are compared in pairs and their numbers differ.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    this.#checkPartners(real, fake);
    return this.#compare(real, fake);
  }

  /**
   * The loss of the generator.
   *
   * @param fake - The discriminator's outputs for generated samples.
   * @param real - Its outputs for real samples.
   * @returns A scalar.
   * @throws TypeError if `real` is left out.
   * @throws RangeError if samples are compared in pairs and their numbers differ.
   */
  generator(fake: tf.Tensor, real?: tf.Tensor): tf.Scalar {
    if (real === undefined) {
      throw new TypeError(
        "Cannot compute the generator's relativistic loss: real must be the discriminator's outputs for real samples, " +
          'got undefined. Call generator(fake, real)',
      );
    }
    this.#checkPartners(real, fake);
    return this.#compare(fake, real);
  }

  #checkPartners(real: tf.Tensor, fake: tf.Tensor): void {
    if (this.settings.average) return;
    const names = 'real and fake, which are compared in pairs,';
    checkSameShape('compute a relativistic loss', names, real.shape, fake.shape);
  }

  /** Small if the outputs `upper` exceed `lower`. */
  #compare(upper: tf.Tensor, lower: tf.Tensor): tf.Scalar {
    const { base, average } = this.settings;
    const cost = costs[base];
    return tf.tidy(() => {
      if (!average) return tf.mean(cost(tf.sub(upper, lower))).asScalar();
      const onUpper = tf.mean(cost(tf.sub(upper, tf.mean(lower))));
      return tf.add(onUpper, tf.mean(cost(tf.sub(tf.mean(upper), lower)))).asScalar();
    });
  }
}
