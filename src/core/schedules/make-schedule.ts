import { checkPositiveInteger } from '../checks.ts';
import type { Schedule, UpdateProgress } from './schedule.ts';

/** A schedule of this library, which accepts only whole updates. @internal */
export function makeSchedule(
  name: string,
  settings: NonNullable<Schedule['settings']>,
  valueAt: (progress: UpdateProgress) => number,
): Schedule {
  return Object.freeze({
    name,
    settings: Object.freeze(settings),
    valueAt: (progress: UpdateProgress): number => {
      const { update } = progress;
      checkPositiveInteger('compute the value of a schedule', 'update', update);
      return valueAt(progress);
    },
  });
}
