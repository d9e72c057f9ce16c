import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { addAll } from '../../core/add-all.ts';
import { checkOneOf } from '../../core/checks.ts';
import type { PenalizedWeight, Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * Pulls a network's weights towards the mean of their past values, so that two networks that
 * oscillate converge.
 *
 * Useful in small games that oscillate; in deep networks, {@link R1Penalty} or an average of the
 * generator's weights usually works better.
 *
 * With θ the weights, and θᵢ the weights after update i of t updates:
 *
 *     penalty = ‖θ − (θ₁ + … + θₜ)/t‖²        0 in the first update
 *
 * It keeps one tensor with the size of each weight, which is saved with the training state.
 *
 * - Shapes: any; the result is a scalar.
 * - Memory: the trainer owns the inputs; the caller owns the result.
 *
 * @example For both networks
 * ```ts
 * const gan = createMlpGan({
 *   sampleShape: [2],
 *   latentSize: 2,
 *   penalties: [
 *     new HistoricalAveraging({ target: 'generator' }),
 *     new HistoricalAveraging({ target: 'discriminator' }),
 *   ],
 * });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 *
 * @example A small weight for the discriminator; the term is zero in its first update
 * ```ts
 * const options = { target: 'discriminator', weight: 0.1 } as const;
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties: [new HistoricalAveraging(options)] });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * console.log(steps[0]!.terms.discriminator['historicalAveraging']); // 0
 * ```
 *
 * @see Salimans et al., Improved Techniques for Training GANs, 2016, section 3.3.
 * {@link https://arxiv.org/abs/1606.03498}
 */
export class HistoricalAveraging implements Penalty {
  readonly name = 'historicalAveraging';
  readonly target: 'generator' | 'discriminator';
  readonly weight: number | Schedule;
  readonly every: number;
  readonly slots: readonly ['average'] = ['average'];

  /**
   * @param options - Weight and network.
   * @throws RangeError if a setting is out of range.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Weight of the penalty; at least 0.
       *
       * @defaultValue `1`, as in the paper
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * The network. The paper uses it for both networks: pass two of them.
       *
       * @defaultValue `'generator'`
       */
      readonly target?: 'generator' | 'discriminator' | undefined;
    } = {},
  ) {
    const action = 'create a HistoricalAveraging';
    const own = ['target'];
    ({ weight: this.weight, every: this.every } = checkPenaltyOptions(action, options, 1, own));
    const { target = 'generator' } = options;
    checkOneOf(action, 'target', target, ['generator', 'discriminator']);
    this.target = target;
  }

  /**
   * The unweighted term.
   *
   * @param context - The network's weights, their averages, and the number of the update.
   * @returns A scalar.
   */
  compute({ weights, update }: PenaltyContext): tf.Scalar {
    // Before the first update there are no past values, and the slots are zero.
    const past = update > 1 ? 1 : 0;
    return tf.tidy(() => {
      const terms = weights.map(({ value, slots }) =>
        tf.sum(tf.square(tf.sub(value, slots[0] ?? 0))),
      );
      return tf.mul(addAll(terms), past).asScalar();
    });
  }

  /**
   * Updates the average of a weight.
   *
   * @param weight - The weight after the update.
   * @param update - Number of updates so far, including this one.
   * @returns The new average.
   */
  updateSlots({ value, slots }: PenalizedWeight, update: number): readonly tf.Tensor[] {
    return tf.tidy(() => {
      const average = slots[0] ?? tf.zerosLike(value);
      return [tf.add(average, tf.div(tf.sub(value, average), update))];
    });
  }
}
