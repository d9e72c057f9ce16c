import { checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';

/** How often a callback acts: after every so many steps, or after every so many epochs. */
export type Every =
  | {
      /** Steps from one time to the next; a positive integer. */
      readonly steps: number;
    }
  | {
      /** Epochs from one time to the next; a positive integer. */
      readonly epochs: number;
    };

/** Every, checked and taken apart. @internal */
export interface Rhythm {
  /** Whether it is time after the step of this number. */
  atStep(number: number): boolean;
  /** Whether it is time after the epoch of this number. */
  atEpoch(number: number): boolean;
}

/** @internal */
export function rhythm(asked: string, every: Every): Rhythm {
  if (typeof every !== 'object' || (every as Every | null) === null) {
    throw new TypeError(
      `Cannot ${asked}: every must be { steps: … } or { epochs: … }, got ${formatValue(every)}`,
    );
  }
  const { steps, epochs } = every as { steps?: number | undefined; epochs?: number | undefined };
  if ((steps === undefined) === (epochs === undefined)) {
    throw new RangeError(
      `Cannot ${asked}: every must be { steps: … } or { epochs: … }, got ${formatValue(every)} with ` +
        `steps ${formatValue(steps)} and epochs ${formatValue(epochs)}`,
    );
  }
  if (steps !== undefined) checkPositiveInteger(asked, 'every.steps', steps);
  if (epochs !== undefined) checkPositiveInteger(asked, 'every.epochs', epochs);
  return {
    atStep: (number) => steps !== undefined && number % steps === 0,
    atEpoch: (number) => epochs !== undefined && number % epochs === 0,
  };
}
