import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkNonNegative } from '../../core/checks.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import type { PenaltyOptions } from './penalty-options.ts';
import { SlopePenalty } from './slope-penalty.ts';
import { slopeMiss, squaredSlopes } from './slopes.ts';

/**
 * Keeps the gradient norm of the discriminator near one around the real samples, which prevents
 * sharp local optima there.
 *
 * Use it with {@link BceLoss} against mode collapse; it requires neither fake samples nor a
 * Wasserstein loss.
 *
 * With x̂ = x + spread·std(x)·u, std(x) the standard deviation over the whole batch, one u ~ U[−1,
 * 1) for each value, and t the `targetNorm`:
 *
 *     penalty = mean((‖∇D(x̂)‖₂ − t)²)
 *
 * The perturbation is that of Google's compare_gan without its clipping to 0…1. The authors' own
 * code perturbs samples in one direction only, with u ~ U[0, 1) times one factor for each sample;
 * the paper's formula has normal noise.
 *
 * - Shapes: `real` is `[batch, ...sampleShape]` of any rank; the result is a scalar.
 * - Memory: the trainer owns the inputs; the caller owns the result.
 *
 * @example DRAGAN
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2], latentSize: 2, penalties: [new DraganPenalty()] });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example A larger neighborhood, every second step
 * ```ts
 * const options = { spread: 1, every: 2 };
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties: [new DraganPenalty(options)] });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * console.log(steps.map(({ terms }) => 'dragan' in terms.discriminator)); // [ false, true ]
 * ```
 *
 * @see Kodali et al., On Convergence and Stability of GANs, 2017.
 * {@link https://arxiv.org/abs/1705.07215}
 */
export class DraganPenalty extends SlopePenalty implements Penalty {
  readonly name = 'dragan';
  readonly settings: {
    /** The gradient norm with zero penalty. */
    readonly targetNorm: number;
    /** Size of the neighborhood, in standard deviations of the batch. */
    readonly spread: number;
  };

  /**
   * @param options - Weight, target norm and spread.
   * @throws RangeError if a setting is out of range.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Weight of the penalty, λ in the paper; at least 0.
       *
       * @defaultValue `10`
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * The gradient norm with zero penalty, k in the paper; at least 0.
       *
       * @defaultValue `1`
       */
      readonly targetNorm?: number | undefined;
      /**
       * Size of the neighborhood of a real sample, in standard deviations of the batch; at least 0.
       *
       * @defaultValue `0.5`
       */
      readonly spread?: number | undefined;
    } = {},
  ) {
    const action = 'create a DraganPenalty';
    super(action, options, ['targetNorm', 'spread']);
    const { targetNorm = 1, spread = 0.5 } = options;
    checkNonNegative(action, 'targetNorm', targetNorm);
    checkNonNegative(action, 'spread', spread);
    this.settings = Object.freeze({ targetNorm, spread });
  }

  /**
   * The unweighted term.
   *
   * @param context - Real samples, the discriminator, random numbers.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    const { targetNorm, spread } = this.settings;
    return tf.tidy(() => {
      const { real, random } = context;
      const reach = tf.mul(tf.sqrt(tf.moments(real).variance), spread);
      const noise = tf.tensor(random.uniformArray(real.size, -1, 1), real.shape);
      const around = tf.add(real, tf.mul(reach, noise));
      return slopeMiss(squaredSlopes(this.name, context, around), targetNorm, false);
    });
  }
}
