import * as tf from '@tensorflow/tfjs';
import { checkInRange } from '../../core/checks.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * LeCam regularization: penalizes the distance of real logits from the running mean of fake logits,
 * and vice versa, so the logits of a discriminator that memorizes cannot diverge. Use it for small
 * datasets, with a loss of unbounded logits such as {@link HingeLoss}.
 *
 * With α the running means of the logits on real and fake samples, including this update:
 *
 *     penalty = mean(relu(D(x) − α_fake)²) + mean(relu(α_real − D(G(z)))²)
 *
 * It costs two more discriminator passes. The means start at the first update with a nonzero
 * weight, are bias-corrected, and are saved in snapshots. The paper starts after 1,000 steps: pass
 * a schedule as weight.
 *
 * - Shapes: logits of any shape; the result is a scalar.
 * - Memory: the trainer owns the inputs, the caller the result.
 *
 * @example With the hinge loss
 * ```ts
 * const penalties = [new LecamPenalty()];
 * const gan = createMlpGan({ sampleShape: [2], loss: new HingeLoss(), penalties });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example From step 1,001 on
 * ```ts
 * const weight: Schedule = { name: 'late', valueAt: ({ step }) => (step > 1000 ? 0.3 : 0) };
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties: [new LecamPenalty({ weight })] });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * console.log(Object.keys(steps[0]!.terms.discriminator)); // [ 'bce' ]
 * ```
 *
 * @see Tseng et al., Regularizing Generative Adversarial Networks under Limited Data, 2021,
 * equation 6. {@link https://arxiv.org/abs/2104.03310}
 */
export class LecamPenalty implements Penalty {
  readonly name = 'lecam';
  readonly target = 'discriminator';
  readonly weight: number | Schedule;
  readonly every: number;
  readonly settings: {
    /** Decay of the running means per update. */
    readonly decay: number;
  };

  /**
   * @param options - Strength and decay.
   * @throws RangeError if a number is out of range.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Strength, λ in the paper; at least 0.
       *
       * @defaultValue `0.3`
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * Decay of the running means per update; at least 0, less than 1.
       *
       * @defaultValue `0.99`
       */
      readonly decay?: number | undefined;
    } = {},
  ) {
    const action = 'create a LecamPenalty';
    const own = ['decay'];
    ({ weight: this.weight, every: this.every } = checkPenaltyOptions(action, options, 0.3, own));
    const { decay = 0.99 } = options;
    checkInRange(action, 'decay', decay, 0, 1);
    this.settings = Object.freeze({ decay });
  }

  /**
   * The unweighted term.
   *
   * @param context - Samples, the discriminator, and the stored means.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    return tf.tidy(() => {
      const real = context.discriminate(context.real, 'real');
      const fake = context.discriminate(context.fake, 'fake');
      // Bias correction for means that start at 0.
      const share = this.#follow(context, 'share', tf.scalar(1));
      const ofReal = tf.div(this.#follow(context, 'real', tf.mean(real)), share);
      const ofFake = tf.div(this.#follow(context, 'fake', tf.mean(fake)), share);
      const above = tf.mean(tf.square(tf.relu(tf.sub(real, ofFake))));
      const below = tf.mean(tf.square(tf.relu(tf.sub(ofReal, fake))));
      return tf.add(above, below).asScalar();
    });
  }

  /** Updates a running mean, and returns it as a constant. */
  #follow(context: PenaltyContext, name: string, value: tf.Tensor): tf.Tensor {
    const { decay } = this.settings;
    const slot = context.slot(name, () => tf.scalar(0));
    slot.set(tf.add(tf.mul(slot.get(), decay), tf.mul(value, 1 - decay)));
    return slot.get();
  }
}
