import type * as tf from '@tensorflow/tfjs';
import type { Penalty, PenaltyContext } from './penalty.ts';
import type { PenaltyOptions } from './penalty-options.ts';
import { SlopePenalty } from './slope-penalty.ts';
import { halfMeanSquaredSlope } from './slopes.ts';

/**
 * Penalizes the gradient of the discriminator at the real samples, so that training converges once
 * fake samples match them.
 *
 * Use it with {@link BceLoss}: the simplest way to make that game converge, also used by StyleGAN.
 *
 *     penalty = ½·mean(‖∇D(x)‖²)
 *
 * With `weight` γ it is the paper's γ/2·E‖∇D(x)‖²; StyleGAN2's code uses the same factor, the
 * paper's own code omits the half. {@link R2Penalty} is the same at the fake samples.
 *
 * - Shapes: `real` is `[batch, ...sampleShape]` of any rank; the result is a scalar.
 * - Memory: the trainer owns the inputs; the caller owns the result.
 *
 * @example Lazy regularization, as in StyleGAN2
 * ```ts
 * const parts = { generator: mlpGenerator({ sampleShape: [2] }), discriminator: mlpDiscriminator({ sampleShape: [2] }) };
 * const trainer = new Trainer({ ...parts, penalties: [new R1Penalty({ weight: 10, every: 16 })] });
 * await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example Compare a weak penalty with the whole loss
 * ```ts
 * const options = { weight: 0.1 };
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties: [new R1Penalty(options)] });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * const { terms, losses } = steps[0]!;
 * console.log(terms.discriminator['r1']! < losses.discriminator); // true
 * ```
 *
 * @see Mescheder et al., Which Training Methods for GANs do actually Converge?, 2018, equation 9.
 * {@link https://arxiv.org/abs/1801.04406}
 */
export class R1Penalty extends SlopePenalty implements Penalty {
  readonly name = 'r1';

  /**
   * @param options - Weight and interval: the weight is γ in the paper, 10 by default.
   * @throws RangeError if a setting is out of range.
   */
  constructor(options: PenaltyOptions = {}) {
    super('create an R1Penalty', options);
  }

  /**
   * The unweighted term.
   *
   * @param context - Real samples and the discriminator.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    return halfMeanSquaredSlope(this.name, context, 'real');
  }
}
