import type { Random } from '../../core/random.ts';

/** The rows of each choice of a column. @internal */
export class ChoiceIndex {
  /** All rows, sorted by choice. */
  readonly #rows: Uint32Array;
  /** Index of the first row of each choice. */
  readonly #starts: Uint32Array;
  /** Cumulative sums of log(1 + frequency). */
  readonly #sums: Float64Array;

  constructor(choices: ArrayLike<number>, count: number) {
    const counts = new Uint32Array(count);
    const all = Array.from(choices);
    for (const choice of all) counts[choice]! += 1;
    this.#starts = new Uint32Array(count + 1);
    this.#sums = new Float64Array(count);
    counts.forEach((rows, choice) => {
      this.#starts[choice + 1] = this.#starts[choice]! + rows;
      this.#sums[choice] = (this.#sums[choice - 1] ?? 0) + Math.log(1 + rows);
    });
    const next = this.#starts.slice();
    this.#rows = new Uint32Array(all.length);
    for (const [row, choice] of all.entries()) {
      this.#rows[next[choice]!] = row;
      next[choice]! += 1;
    }
  }

  draw(random: Random): number {
    const at = random.uniform() * (this.#sums.at(-1) ?? 0);
    // Choices without rows repeat the previous sum, so they are never drawn.
    const choice = this.#sums.findIndex((sum) => at < sum);
    const [from, to] = [this.#starts[choice]!, this.#starts[choice + 1]!];
    return this.#rows[from + random.integer(to - from)]!;
  }
}
