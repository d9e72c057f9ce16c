import { stopwatch } from '../../core/stopwatch.ts';
import type { StepPartSeconds } from '../step-info.ts';

/** A part of a step that is measured besides the turns. */
type Part = Exclude<keyof StepPartSeconds, 'turns'>;

/**
 * Measures the parts of a step: each lap belongs to the part that it ends.
 *
 * @internal
 */
export class PartStopwatch {
  readonly #seconds = stopwatch();
  #last = 0;
  #parts: Record<Part, number> = none();
  #turns: Record<string, number> = {};

  /**
   * Adds the time since the last lap to a part.
   *
   * @param part - The part that ended.
   */
  lap(part: Part): void {
    this.#parts[part] += this.#since();
  }

  /**
   * Adds the time since the last lap to a turn.
   *
   * @param turn - Its name.
   */
  turn(turn: string): void {
    this.#turns[turn] = (this.#turns[turn] ?? 0) + this.#since();
  }

  /** @returns The parts since the last call, rounded to microseconds. */
  take(): StepPartSeconds {
    const [parts, turns] = [this.#parts, this.#turns];
    [this.#parts, this.#turns] = [none(), {}];
    const { callbacks, data, read } = rounded(parts);
    return {
      callbacks: callbacks!,
      data: data!,
      turns: rounded(turns),
      read: read!,
    } as StepPartSeconds;
  }

  #since(): number {
    const now = this.#seconds();
    const since = now - this.#last;
    this.#last = now;
    return since;
  }
}

function none(): Record<Part, number> {
  return { callbacks: 0, data: 0, read: 0 };
}

function rounded(seconds: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(seconds);
  return Object.fromEntries(entries.map(([part, value]) => [part, Math.round(1e6 * value) / 1e6]));
}
