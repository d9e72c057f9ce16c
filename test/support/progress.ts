import type { UpdateProgress } from '../../src/core/schedules/schedule.ts';

/** How far training is at an update, if a network is updated once a step by batches of 4. */
export function progressAt(update: number): UpdateProgress {
  return { step: update, update, samples: 4 * (update - 1) };
}
