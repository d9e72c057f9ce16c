import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkSameShape, withDefaults } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/** What a difference d costs that should be large: small where d is well above zero. */
const costs: Readonly<
  Record<'bce' | 'hinge' | 'leastSquares', (difference: tf.Tensor) => tf.Tensor>
> = {
  bce: (difference) => tf.softplus(tf.neg(difference)),
  hinge: (difference) => tf.relu(tf.sub(1, difference)),
  leastSquares: (difference) => tf.square(tf.sub(difference, 1)),
};

/**
 * Relativistic losses: what counts is whether real samples look *more* real than fakes. The generator so learns from
 * real samples too: it gains by making them look less real in comparison.
 *
 * With f the cost of a difference, softplus(−d) = −log σ(d) on `'bce'`, max(0, 1 − d) on `'hinge'` and (d − 1)² on
 * `'leastSquares'`, sample against average (RaSGAN, RaHingeGAN, RaLSGAN):
 *
 *     discriminator = mean(f(real − mean(fake))) + mean(f(mean(real) − fake))
 *     generator     = mean(f(fake − mean(real))) + mean(f(mean(fake) − real))
 *
 * and with `average: false`, sample against sample (RSGAN and its like):
 *
 *     discriminator = mean(f(real − fake))
 *     generator     = mean(f(fake − real))
 *
 * These are the paper's sums; its code halves those of the averages. One more pass through the discriminator in each
 * generator update. Only differences count, so the answers have no zero point: accuracies and
 * `discriminator.probability` mean nothing under this loss.
 *
 * - Shapes: `real` and `fake` are answers of any shape, averaged over all of it; with `average: false` both of the same
 *   shape. The results are scalars.
 * - Memory: the inputs stay the caller's; the results are the caller's.
 *
 * @example RaLSGAN
 * ```ts
 * const gan = createDcgan({
 *   imageShape: [28, 28, 1],
 *   loss: new RelativisticLoss({ base: 'leastSquares' }),
 * });
 * ```
 *
 * @example Each real sample is ahead of its partner, but not all are ahead of the average fake
 * ```ts
 * const options = { base: 'hinge', average: false } as const;
 * const [real, fake] = [tf.tensor1d([1, 3]), tf.tensor1d([0, 2])];
 * const byPartner = new RelativisticLoss(options).discriminator(real, fake);
 * const byAverage = new RelativisticLoss({ ...options, average: true }).discriminator(real, fake);
 * console.log((await byPartner.data())[0], (await byAverage.data())[0]); // 0 1
 * tf.dispose([real, fake, byPartner, byAverage]);
 * ```
 *
 * @see Jolicoeur-Martineau, The relativistic discriminator: a key element missing from standard GAN, 2018,
 * sections 4.1 to 4.3. {@link https://arxiv.org/abs/1807.00734}
 */
export class RelativisticLoss implements Loss {
  readonly name = 'relativistic';
  readonly settings: {
    /** The loss that is made relative. */
    readonly base: 'bce' | 'hinge' | 'leastSquares';
    /** Whether samples are compared with averages. */
    readonly average: boolean;
  };
  /** The generator is judged by comparison with real samples. */
  readonly usesRealLogits = true;
  /** Only differences between answers count, so accuracies are measured from the middle of a batch's. */
  readonly decisionBoundary = 'midpoint';

  /**
   * @param options - What it is built on, and what samples are compared with.
   * @throws RangeError where `base` or `average` is none of those named.
   */
  constructor(
    options: {
      /**
       * The loss that is made relative.
       *
       * @defaultValue `'bce'`
       */
      readonly base?: 'bce' | 'hinge' | 'leastSquares' | undefined;
      /**
       * Whether a sample is compared with the average answer to the other kind (RaGAN), rather than with one sample of the
       * other kind, its partner in the batch (RGAN).
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
   * What the discriminator wants to be small.
   *
   * @param real - Its answers to real samples.
   * @param fake - Its answers to generated samples.
   * @returns A scalar.
   * @throws RangeError where samples are compared one by one and their numbers differ.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    this.#checkPartners(real, fake);
    return this.#compare(real, fake);
  }

  /**
   * What the generator wants to be small.
   *
   * @param fake - The discriminator's answers to generated samples.
   * @param real - Its answers to real samples.
   * @returns A scalar.
   * @throws TypeError where `real` is left out.
   * @throws RangeError where samples are compared one by one and their numbers differ.
   */
  generator(fake: tf.Tensor, real?: tf.Tensor): tf.Scalar {
    if (real === undefined) {
      throw new TypeError(
        "Cannot compute the generator's relativistic loss: real must be the discriminator's answers to real samples, " +
          'got undefined. Call generator(fake, real)',
      );
    }
    this.#checkPartners(real, fake);
    return this.#compare(fake, real);
  }

  #checkPartners(real: tf.Tensor, fake: tf.Tensor): void {
    if (this.settings.average) return;
    const names = 'real and fake, which are compared one by one,';
    checkSameShape('compute a relativistic loss', names, real.shape, fake.shape);
  }

  /** Small where `upper` is judged more real than `lower`. */
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
