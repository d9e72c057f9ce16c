import { checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import {
  checkLearningRate,
  describeRate,
  learningRateAt,
  type LearningRateSchedule,
  makeSchedule,
} from './learning-rate-schedule.ts';

/**
 * Settings of {@link warmUp}.
 *
 * @example How the rate rises over the first four updates
 * ```ts
 * const options: WarmUpOptions = { updates: 4 };
 * const rate = warmUp(2e-4, options);
 * console.log([1, 2, 4, 5].map((update) => rate.rateAt(update))); // [ 0.00005, 0.0001, 0.0002, 0.0002 ]
 * ```
 */
export interface WarmUpOptions {
  /** After how many updates the full rate is reached; a positive integer. */
  readonly updates: number;
}

/**
 * Lets a learning rate, constant or scheduled, rise from near zero at first.
 *
 * With n the number of the update, from 1:
 *
 *     rate(n) = min(1, n / updates) · rate′(n)
 *
 * While Adam has seen few gradients its second moment is a poor guess, and a full step can be a leap. The schedule
 * inside counts from the first update as well: its `end` is not moved.
 *
 * @param rate - The rate it rises to.
 * @param options - How long it takes.
 * @returns A schedule for `learningRate`.
 * @throws RangeError where `updates` is not a positive integer.
 *
 * @example Up over a thousand updates, then down to zero
 * ```ts
 * const falling = linearRate({ from: 2e-4, end: 100_000 });
 * const optimizer = adam({ learningRate: warmUp(falling, { updates: 1000 }) });
 * ```
 *
 * @see Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2 (gradual warm-up).
 * {@link https://arxiv.org/abs/1706.02677}
 */
export function warmUp(
  rate: number | LearningRateSchedule,
  options: WarmUpOptions,
): LearningRateSchedule {
  checkOptions('create warmUp', options, ['updates']);
  const { updates } = options;
  checkLearningRate('create warmUp', rate, 'rate');
  checkPositiveInteger('create warmUp', 'updates', updates);
  return makeSchedule(
    'warmUp',
    { updates, ...describeRate('rate', rate) },
    (update) => Math.min(1, update / updates) * learningRateAt(rate, update),
  );
}
