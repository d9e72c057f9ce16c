import { checkNonNegative, checkPositive } from '../core/checks.ts';
import type { Schedule, UpdateProgress } from '../core/schedules/schedule.ts';
import {
  checkScheduled,
  type NumberKind,
  scheduledValue,
} from '../core/schedules/scheduled-number.ts';

const learningRates: NumberKind = {
  wanted: 'a positive number',
  check: checkPositive,
  checkScheduled: checkNonNegative,
};

/**
 * Refuses a value that is neither a positive number nor a schedule with a first value of at least
 * 0.
 *
 * @internal
 */
export function checkLearningRate(
  action: string,
  rate: number | Schedule,
  name = 'learningRate',
): void {
  checkScheduled(action, name, rate, learningRates);
}

/** The learning rate of one update. @internal */
export function learningRateAt(rate: number | Schedule, progress: UpdateProgress): number {
  return scheduledValue(rate, progress, learningRates);
}
