import type { TableRow, TableValue } from './table-row.ts';

/**
 * What is true of every row of a table, and so of every generated one.
 *
 * - `{ total, of }`: a column is the sum of others. It is not learned, but computed; missing if one
 *   of them is.
 * - `{ order }`: numbers or dates that do not fall from one column to the next, such as
 *   `['temp_min', 'temp_max']`. Missing ones are skipped.
 * - `{ together }`: values of these columns occur in one row only if they do in the data, such as
 *   `['city', 'country']`.
 * - `{ range, min, max }`: a number or a date is not less or greater; one of the bounds may be left
 *   out. Missing values are skipped. Columns that are no totals never leave the range of the data.
 * - `{ unique }`: no two rows have the same values in these columns. Rows in which one of them is
 *   missing are skipped. Generated rows differ within one call of `sample`.
 *
 * Generated rows that break one of the last four are drawn again.
 *
 * @example A derived column and an order
 * ```ts
 * const constraints: TableConstraint[] = [
 *   { total: 'cost', of: ['repair', 'other'] },
 *   { order: ['temp_min', 'temp_max'] },
 * ];
 * ```
 */
export type TableConstraint =
  | {
      /** The column that is a sum. */
      readonly total: string;
      /** Columns of numbers that it is the sum of. */
      readonly of: readonly string[];
    }
  | {
      /** Columns of numbers or of dates, the least first. */
      readonly order: readonly string[];
    }
  | {
      /** Columns whose values belong together. */
      readonly together: readonly string[];
      /** The combinations in the data as JSON; filled in by {@link tableDataset}. */
      readonly known?: readonly string[] | undefined;
    }
  | {
      /** A column of numbers or of dates. */
      readonly range: string;
      /** The least value that is allowed. */
      readonly min?: TableValue | undefined;
      /** The greatest value that is allowed. */
      readonly max?: TableValue | undefined;
    }
  | {
      /** Columns whose values do not come again together; one or more. */
      readonly unique: readonly string[];
    };

/** The columns that a constraint is about. @internal */
export function namesOf(constraint: TableConstraint): readonly string[] {
  if ('total' in constraint) return [constraint.total, ...constraint.of];
  if ('order' in constraint) return constraint.order;
  if ('range' in constraint) return [constraint.range];
  return 'together' in constraint ? constraint.together : constraint.unique;
}

/** A combination of values as text. @internal */
export function combination(names: readonly string[], row: TableRow): string {
  return JSON.stringify(names.map((name) => row[name] ?? null));
}

/** What a value of a column is compared by; `undefined` for a missing one. @internal */
export type Rank = (column: string, value: TableValue) => number | undefined;

/** What tells whether a row by itself keeps a constraint. @internal */
export function rowCheck(constraint: TableConstraint, rank: Rank): (row: TableRow) => boolean {
  if ('total' in constraint) {
    return (row) => {
      const sum = totalOf(constraint.of, row);
      const value = row[constraint.total] ?? null;
      if (sum === null || value === null) return sum === value;
      return Math.abs(Number(value) - sum) <= 1e-9 * Math.max(1, Math.abs(sum));
    };
  }
  if ('order' in constraint) {
    return (row) => {
      const values = constraint.order
        .map((name) => rank(name, row[name] ?? null))
        .filter((value) => value !== undefined);
      return values.every((value, i) => i === 0 || values[i - 1]! <= value);
    };
  }
  if ('range' in constraint) {
    const { range, min = null, max = null } = constraint;
    const least = rank(range, min) ?? -Infinity;
    const greatest = rank(range, max) ?? Infinity;
    return (row) => {
      const value = rank(range, row[range] ?? null);
      return value === undefined || (least <= value && value <= greatest);
    };
  }
  if ('unique' in constraint) return () => true;
  const known = new Set(constraint.known);
  return (row) => known.has(combination(constraint.together, row));
}

/** Rows that have been taken, by the values that may not come again. @internal */
export class TakenRows {
  readonly #taken: readonly (readonly [names: readonly string[], values: Set<string>])[];

  constructor(constraints: readonly TableConstraint[]) {
    this.#taken = constraints.flatMap((one) =>
      'unique' in one ? [[one.unique, new Set<string>()] as const] : [],
    );
  }

  /** Whether values of the row are those of one that has been taken. */
  repeats(row: TableRow): boolean {
    return this.#taken.some(([names, values]) => values.has(combination(names, row)));
  }

  take(row: TableRow): void {
    for (const [names, values] of this.#taken) {
      if (names.every((name) => (row[name] ?? null) !== null)) values.add(combination(names, row));
    }
  }
}

/** The row with the columns that follow from others. @internal */
export function withTotals(constraints: readonly TableConstraint[], row: TableRow): TableRow {
  return constraints.reduce(
    (made, one) =>
      'total' in one
        ? Object.fromEntries(
            Object.entries(made).map(([name, value]) => [
              name,
              name === one.total ? totalOf(one.of, made) : value,
            ]),
          )
        : made,
    row,
  );
}

function totalOf(names: readonly string[], row: TableRow): number | null {
  let sum = 0;
  for (const name of names) {
    const value = row[name] ?? null;
    if (value === null) return null;
    sum += Number(value);
  }
  return Number(sum.toPrecision(12));
}
