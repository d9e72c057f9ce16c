import type * as tf from '@tensorflow/tfjs';
import type { Penalty, PenaltyContext } from './penalty.ts';
import type { PenaltyOptions } from './penalty-options.ts';
import { SlopePenalty } from './slope-penalty.ts';
import { halfMeanSquaredSlope } from './slopes.ts';

/**
 * Flattens the discriminator at the real samples, so that training settles once the fakes are as good.
 *
 * Take it with {@link BceLoss}: the plainest way to make that game converge, and the one that StyleGAN keeps to.
 *
 *     penalty = ½·mean(‖∇D(x)‖²)
 *
 * With `weight` γ it is the paper's γ/2·E‖∇D(x)‖²; StyleGAN2's code counts the same way, the paper's own leaves the
 * half out. {@link R2Penalty} is the same at the fake samples.
 *
 * - Shapes: `real` is `[batch, ...sampleShape]` of any rank; the result is a scalar.
 * - Memory: the inputs stay the trainer's; the result is the caller's.
 *
 * @example Lazily, as in StyleGAN2
 * ```ts
 * const parts = { generator: mlpGenerator({ sampleShape: [2] }), discriminator: mlpDiscriminator({ sampleShape: [2] }) };
 * const trainer = new Trainer({ ...parts, penalties: [new R1Penalty({ weight: 10, every: 16 })] });
 * await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example See how much of the loss a weak penalty is
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
   * @param options - Strength: the weight is γ in the paper, 10 if it is left out.
   * @throws RangeError where a setting is out of range.
   */
  constructor(options: PenaltyOptions = {}) {
    super('create an R1Penalty', options);
  }

  /**
   * The term before it is weighted.
   *
   * @param context - Real samples and the discriminator.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    return halfMeanSquaredSlope(this.name, context, 'real');
  }
}
