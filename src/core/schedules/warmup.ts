import { checkFinite, checkPositiveInteger, withDefaults } from '../checks.ts';
import { makeSchedule } from './make-schedule.ts';
import type { Schedule } from './schedule.ts';
import {
  checkScheduled,
  describeScheduled,
  type NumberKind,
  scheduledValue,
} from './scheduled-number.ts';

const anyNumber: NumberKind = {
  wanted: 'a finite number',
  check: checkFinite,
  checkScheduled: checkFinite,
};

/**
 * Increases a number, constant or scheduled, linearly from near zero.
 *
 * With n the number of the update, from 1:
 *
 *     value(n) = min(1, n / updates) · value′(n)
 *
 * While Adam has seen few gradients, its second moment is a poor estimate, and a full step can be
 * too large. The inner schedule also counts from the first update: its `end` does not move.
 *
 * @param value - The final number.
 * @param options - Duration of the warmup.
 * @returns A schedule.
 * @throws RangeError if `updates` is not a positive integer.
 *
 * @example Increase over a thousand updates, then decay to zero
 * ```ts
 * const falling = linearDecay({ from: 2e-4, end: 100_000 });
 * const optimizer = adam({ learningRate: warmup(falling, { updates: 1000 }) });
 * ```
 *
 * @example The learning rate in the first four updates
 * ```ts
 * const options = { updates: 4 };
 * const rate = warmup(2e-4, options);
 * const rates = [1, 2, 4, 5].map((step) => rate.valueAt({ step, update: step, samples: 32 * (step - 1) }));
 * console.log(rates); // [ 0.00005, 0.0001, 0.0002, 0.0002 ]
 * ```
 *
 * @see Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2 (gradual warm-up).
 * {@link https://arxiv.org/abs/1706.02677}
 */
export function warmup(
  value: number | Schedule,
  options: {
    /** Number of updates after which the full value is reached; a positive integer. */
    readonly updates: number;
  },
): Schedule {
  const action = 'create warmup';
  const { updates } = withDefaults(action, options, { updates: undefined });
  checkScheduled(action, 'value', value, anyNumber);
  checkPositiveInteger(action, 'updates', updates);
  return makeSchedule(
    'warmup',
    { updates, ...describeScheduled('value', value) },
    (progress) =>
      Math.min(1, progress.update / updates) * scheduledValue(value, progress, anyNumber),
  );
}
