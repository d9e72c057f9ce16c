import type * as tf from '@tensorflow/tfjs';
import type { Penalty, PenaltyContext } from './penalty.ts';
import type { PenaltyOptions } from './penalty-options.ts';
import { SlopePenalty } from './slope-penalty.ts';
import { halfMeanSquaredSlope } from './slopes.ts';

/**
 * Penalizes the gradient of the discriminator at the fake samples; see {@link R1Penalty} for real
 * ones.
 *
 * Use it together with {@link R1Penalty} if the generator starts far from the data.
 *
 *     penalty = ½·mean(‖∇D(G(z))‖²)
 *
 * With `weight` γ it is the paper's γ/2·E‖∇D(G(z))‖². The fake samples are constants: the generator
 * receives no gradient.
 *
 * - Shapes: `fake` is `[batch, ...sampleShape]` of any rank; the result is a scalar.
 * - Memory: the trainer owns the inputs; the caller owns the result.
 *
 * @example On both sides
 * ```ts
 * const gan = createMlpGan({
 *   sampleShape: [2],
 *   latentSize: 2,
 *   penalties: [new R1Penalty({ weight: 1 }), new R2Penalty({ weight: 1 })],
 * });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example Lazily at the fake samples, in each step at the real ones
 * ```ts
 * const atFakes = { weight: 1, every: 2 };
 * const penalties = [new R1Penalty({ weight: 1 }), new R2Penalty(atFakes)];
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * console.log(steps.map(({ terms }) => 'r2' in terms.discriminator)); // [ false, true ]
 * ```
 *
 * @see Mescheder et al., Which Training Methods for GANs do actually Converge?, 2018, equation 10.
 * {@link https://arxiv.org/abs/1801.04406}
 */
export class R2Penalty extends SlopePenalty implements Penalty {
  readonly name = 'r2';

  /**
   * @param options - Weight and interval: the weight is γ in the paper, 10 by default.
   * @throws RangeError if a setting is out of range.
   */
  constructor(options: PenaltyOptions = {}) {
    super('create an R2Penalty', options);
  }

  /**
   * The unweighted term.
   *
   * @param context - Fake samples and the discriminator.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    return halfMeanSquaredSlope(this.name, context, 'fake');
  }
}
