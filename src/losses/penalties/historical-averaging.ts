import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { addAll } from '../../core/add-all.ts';
import { checkOneOf } from '../../core/checks.ts';
import type { PenalizedWeight, Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * Draws a network's weights to the mean of where they have been, so that two networks who circle each other come to
 * rest.
 *
 * Of use in small games that swing; in deep networks, {@link R1Penalty} or an average of the generator's weights
 * usually serves better.
 *
 * With θ the weights, and θᵢ those after update i of the network, of which there were t:
 *
 *     penalty = ‖θ − (θ₁ + … + θₜ)/t‖²        0 in the first update
 *
 * It keeps one tensor of the size of each weight, which is saved with the training.
 *
 * - Shapes: any; the result is a scalar.
 * - Memory: the inputs stay the trainer's; the result is the caller's.
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
 * @example A weak pull on the discriminator, which has no past in its first update
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
   * @param options - Strength and network.
   * @throws RangeError where a setting is out of range.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Strength; at least 0.
       *
       * @defaultValue `1`, as the paper writes it
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * Whose weights. The paper has it on both networks: pass two of them.
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
   * The term before it is weighted.
   *
   * @param context - The network's weights, their averages, and the number of the update.
   * @returns A scalar.
   */
  compute({ weights, update }: PenaltyContext): tf.Scalar {
    // Before the first update there is no past, and the slots hold zeros.
    const past = update > 1 ? 1 : 0;
    return tf.tidy(() => {
      const terms = weights.map(({ value, slots }) =>
        tf.sum(tf.square(tf.sub(value, slots[0] ?? 0))),
      );
      return tf.mul(addAll(terms), past).asScalar();
    });
  }

  /**
   * Takes a weight into its average.
   *
   * @param weight - The weight after the update.
   * @param update - How many updates there were, this one included.
   * @returns The new average.
   */
  updateSlots({ value, slots }: PenalizedWeight, update: number): readonly tf.Tensor[] {
    return tf.tidy(() => {
      const average = slots[0] ?? tf.zerosLike(value);
      return [tf.add(average, tf.div(tf.sub(value, average), update))];
    });
  }
}
