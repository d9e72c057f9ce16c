import { checkOptions, checkPositive, checkPositiveInteger } from '../../core/checks.ts';
import { type LearningRateSchedule, makeSchedule } from './learning-rate-schedule.ts';

/**
 * Settings of {@link stepRate}.
 *
 * @example Half the rate after every thousand updates
 * ```ts
 * const options: StepRateOptions = { from: 2e-4, factor: 0.5, every: 1000 };
 * const rate = stepRate(options);
 * console.log([1, 1001, 2001].map((update) => rate.rateAt(update))); // [ 0.0002, 0.0001, 0.00005 ]
 * ```
 */
export interface StepRateOptions {
  /** The rate at first; positive. */
  readonly from: number;
  /**
   * What the rate is multiplied by each time; positive.
   *
   * @defaultValue `0.1`
   */
  readonly factor?: number | undefined;
  /** Updates from one time to the next; a positive integer. */
  readonly every: number;
}

/**
 * A learning rate that falls in steps.
 *
 * With n the number of the update, from 1:
 *
 *     rate(n) = from · factor^⌊(n − 1) / every⌋
 *
 * SRGAN trains so: 0.0001 for 100 000 updates, then a tenth of it. The numbers are those of PyTorch's `StepLR`. It
 * counts the updates of the player.
 *
 * @param options - From where, by what and how often.
 * @returns A schedule for `learningRate`.
 * @throws RangeError where a number is not positive.
 *
 * @example A tenth after every 100 000 updates
 * ```ts
 * const optimizer = adam({ learningRate: stepRate({ from: 1e-4, every: 100_000 }) });
 * ```
 *
 * @see Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network, 2017,
 * section 3.2. {@link https://arxiv.org/abs/1609.04802}
 */
export function stepRate(options: StepRateOptions): LearningRateSchedule {
  const asked = 'create stepRate';
  checkOptions(asked, options, ['from', 'factor', 'every']);
  const { from, factor = 0.1, every } = options;
  checkPositive(asked, 'from', from);
  checkPositive(asked, 'factor', factor);
  checkPositiveInteger(asked, 'every', every);
  return makeSchedule(
    'step',
    { from, factor, every },
    (update) => from * factor ** Math.floor((update - 1) / every),
  );
}
