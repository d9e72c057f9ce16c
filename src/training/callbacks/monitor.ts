import { checkOneOf, checkOptions } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { TrainRun } from '../callback.ts';
import type { StepInfo } from '../step-info.ts';

/**
 * A number to monitor, and which direction is better.
 *
 * @example The generator's loss, and a custom score
 * ```ts
 * const byLoss: Monitor = { value: (step) => step.losses.generator, mode: 'min' };
 * const byScore: Monitor = {
 *   value: async (_step, { trainer }) => {
 *     const samples = trainer.generator.sample(16, { seed: 0 });
 *     const spread = tf.tidy(() => tf.moments(samples, 0).variance.mean());
 *     const [score = NaN] = await spread.data();
 *     tf.dispose([samples, spread]);
 *     return score;
 *   },
 *   mode: 'max',
 * };
 * ```
 */
export interface Monitor {
  /**
   * Computes the number, only when it is needed; NaN is never better.
   *
   * @param step - The last step.
   * @param run - The run: its trainer has the networks and the history.
   */
  readonly value: (step: StepInfo, run: TrainRun) => number | Promise<number>;
  /** Which direction is better. */
  readonly mode: 'min' | 'max';
}

/** Refuses an invalid monitor. `path` is the prefix of its names, such as `best.`. @internal */
export function checkMonitor(action: string, path: string, { value, mode }: Monitor): void {
  if (typeof value !== 'function') {
    throw new TypeError(
      `Cannot ${action}: ${path}value must be a function (step, run) that returns a number, got ${formatValue(value)}`,
    );
  }
  checkOneOf(action, `${path}mode`, mode, ['min', 'max']);
}

/** Refuses a setting `best` that is not a monitor. @internal */
export function checkBest(action: string, best: Monitor): void {
  checkOptions(action, best, ['value', 'mode'], 'best');
  checkMonitor(action, 'best.', best);
}

/** Whether a value is better than another one; NaN never is. @internal */
export function isBetter(value: number, than: number, mode: Monitor['mode']): boolean {
  return mode === 'min' ? value < than : value > than;
}
