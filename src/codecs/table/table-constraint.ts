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
 *
 * Generated rows that break one of the last two are drawn again.
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
    };

/** The columns that a constraint is about. @internal */
export function namesOf(constraint: TableConstraint): readonly string[] {
  if ('total' in constraint) return [constraint.total, ...constraint.of];
  return 'order' in constraint ? constraint.order : constraint.together;
}

/** A combination of values as text. @internal */
export function combination(names: readonly string[], row: TableRow): string {
  return JSON.stringify(names.map((name) => row[name] ?? null));
}

/** What a value of a column is compared by; `undefined` for a missing one. @internal */
export type Rank = (column: string, value: TableValue) => number | undefined;

/** What tells whether a row keeps a constraint. @internal */
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
  const known = new Set(constraint.known);
  return (row) => known.has(combination(constraint.together, row));
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
