import { stopwatch } from '../core/stopwatch.ts';
import type { StepPartSeconds } from './step-info.ts';

/** A part of a step that is measured. */
type Part = keyof StepPartSeconds;

/**
 * Measures where the time of a step goes: each lap belongs to the part it ends.
 *
 * @internal
 */
export class PartStopwatch {
  readonly #seconds = stopwatch();
  #last = 0;
  #parts: Record<Part, number> = none();

  /**
   * Adds the time since the last lap to a part.
   *
   * @param part - What was done since.
   */
  lap(part: Part): void {
    const now = this.#seconds();
    this.#parts[part] += now - this.#last;
    this.#last = now;
  }

  /** @returns The parts since the last call, to the microsecond. */
  take(): StepPartSeconds {
    const parts = this.#parts;
    this.#parts = none();
    const rounded = Object.entries(parts).map(([part, seconds]) => [part, round(seconds)]);
    return Object.fromEntries(rounded) as Record<Part, number>;
  }
}

function none(): Record<Part, number> {
  return { callbacks: 0, data: 0, discriminator: 0, generator: 0, read: 0 };
}

function round(seconds: number): number {
  return Math.round(1e6 * seconds) / 1e6;
}
