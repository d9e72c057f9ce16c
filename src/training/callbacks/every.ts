import { checkOptions, checkPositive, checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { stopwatch } from '../../core/stopwatch.ts';

/**
 * How often a callback acts: after every so many steps, epochs, or minutes of the clock.
 *
 * @example Steps, epochs, and the clock where writing must take a small share of the time
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
      /** Steps from one time to the next; a positive integer. */
      readonly steps: number;
    }
  | {
      /** Epochs from one time to the next; a positive integer. */
      readonly epochs: number;
    }
  | {
      /** Minutes from one time to the next, acted on after the step that is then under way; a positive number. */
      readonly minutes: number;
    };

/** Every, checked and taken apart. @internal */
export interface Rhythm {
  /** Whether it is time after the step of this number. */
  atStep(number: number): boolean;
  /** Whether it is time after the epoch of this number. */
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

type Unit = 'steps' | 'epochs' | 'minutes';

const wanted = '{ steps: … }, { epochs: … } or { minutes: … }';
