import { checkOptions, checkPositive, checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { stopwatch } from '../../core/stopwatch.ts';
import type { Callback, TrainRun } from '../callback.ts';

/**
 * How often a callback acts: after a number of steps, epochs, or minutes of wall-clock time.
 *
 * @example Steps, epochs, and minutes when writing must take a small share of the time
 * ```ts
 * const often: Every = { steps: 100 };
 * const seldom: Every = { epochs: 5 };
 * const byTheClock: Every = { minutes: 10 };
 * const curves = trainingCurves('runs/a', { every: often });
 * const callbacks = [curves, saveGenerator('file://model', { every: seldom }), checkpoint(memoryStore(), { every: byTheClock })];
 * ```
 */
export type Every =
  | {
      /** Steps between actions; a positive integer. */
      readonly steps: number;
    }
  | {
      /** Epochs between actions; a positive integer. */
      readonly epochs: number;
    }
  | {
      /**
       * Minutes between actions; a positive number. The action follows the step that is running
       * then.
       */
      readonly minutes: number;
    };

/** A checked `Every`. @internal */
export interface Rhythm {
  /** Whether to act after the step of this number. */
  atStep(number: number): boolean;
  /** Whether to act after the epoch of this number. */
  atEpoch(number: number): boolean;
}

/** @internal */
export function rhythm(action: string, every: Every): Rhythm {
  if (typeof every !== 'object' || (every as Every | null) === null) {
    throw new TypeError(`Cannot ${action}: every must be ${wanted}, got ${formatValue(every)}`);
  }
  const { steps, epochs, minutes } = every as Partial<Record<Unit, number>>;
  if ([steps, epochs, minutes].filter((count) => count !== undefined).length !== 1) {
    throw new RangeError(
      `Cannot ${action}: every must be ${wanted}, got ${formatValue(every)} with ` +
        `steps ${formatValue(steps)}, epochs ${formatValue(epochs)} and minutes ${formatValue(minutes)}`,
    );
  }
  checkOptions(action, every, ['steps', 'epochs', 'minutes'], 'every');
  if (steps !== undefined) checkPositiveInteger(action, 'every.steps', steps);
  if (epochs !== undefined) checkPositiveInteger(action, 'every.epochs', epochs);
  if (minutes !== undefined) checkPositive(action, 'every.minutes', minutes);
  let seconds = stopwatch();
  return {
    atStep: (number) => {
      if (minutes === undefined) return steps !== undefined && number % steps === 0;
      if (seconds() < 60 * minutes) return false;
      seconds = stopwatch();
      return true;
    },
    atEpoch: (number) => epochs !== undefined && number % epochs === 0,
  };
}

/** The part of a callback that acts after each step and epoch that is due. @internal */
export function whenDue(
  due: Rhythm,
  act: (run: TrainRun) => void | Promise<void>,
): Pick<Callback, 'onStepEnd' | 'onEpochEnd'> {
  return {
    onStepEnd: async ({ number }, run) => {
      if (due.atStep(number)) await act(run);
    },
    onEpochEnd: async ({ number }, run) => {
      if (due.atEpoch(number)) await act(run);
    },
  };
}

type Unit = 'steps' | 'epochs' | 'minutes';

const wanted = '{ steps: … }, { epochs: … } or { minutes: … }';
