import type { CollapseWarning } from './collapse-warnings.ts';

/** A warning whose step is not set yet. */
type Sign = Omit<CollapseWarning, 'step'>;

/**
 * Reports a warning after a number of checks in a row have shown it, once for each kind.
 *
 * @internal
 */
export class SignPatience {
  readonly #patience: number;
  readonly #told = new Set<Sign['kind']>();
  /** How many checks in a row showed each kind. */
  #rows = new Map<Sign['kind'], number>();

  constructor(patience: number) {
    this.#patience = patience;
  }

  /**
   * Adds one check.
   *
   * @param signs - The warnings it showed.
   * @returns Those to report now.
   */
  after(signs: readonly Sign[]): readonly Sign[] {
    this.#rows = new Map(signs.map(({ kind }) => [kind, (this.#rows.get(kind) ?? 0) + 1]));
    const due = signs.filter(
      ({ kind }) => (this.#rows.get(kind) ?? 0) >= this.#patience && !this.#told.has(kind),
    );
    for (const { kind } of due) this.#told.add(kind);
    return due;
  }
}
