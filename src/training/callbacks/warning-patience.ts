import type { CollapseWarning } from './collapse-warnings.ts';

/** A sign before it is known at which step. */
type Sign = Omit<CollapseWarning, 'step'>;

/**
 * Lets a sign pass when so many looks in a row have shown it, once for each kind.
 *
 * @internal
 */
export class SignPatience {
  readonly #patience: number;
  readonly #told = new Set<Sign['kind']>();
  /** How many looks in a row showed each kind. */
  #rows = new Map<Sign['kind'], number>();

  constructor(patience: number) {
    this.#patience = patience;
  }

  /**
   * Takes in one look.
   *
   * @param signs - What it showed.
   * @returns Those of them that are to be told now.
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
