import type { TrainOptions } from 'tfjs-gan';
import type { Settings } from './settings.ts';

/**
 * When the run ends: at its last step, or when its minutes are over, counted from the start of the
 * program. As `fit` plans how many steps there is time for, the rate is 0 at the end either way.
 *
 * @param totalSteps - The steps of the whole run at most.
 * @param made - How many of them were made before.
 */
export function endOfRun(
  { epochs, steps, minutes }: Pick<Settings, 'epochs' | 'steps' | 'minutes'>,
  totalSteps: number,
  made: number,
): Pick<TrainOptions, 'until' | 'minutes' | 'maxSteps'> {
  if (minutes === undefined) return { until: { epochs, steps } };
  const left = minutes - performance.now() / 60_000;
  // Loading may have used them up: a moment is one step.
  return { minutes: Math.max(left, 1e-3), maxSteps: Math.max(0, totalSteps - made) };
}
