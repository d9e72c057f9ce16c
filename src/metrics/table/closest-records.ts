import { groupBy } from '../../core/group-by.ts';
import type { AlignedColumn } from './aligned-tables.ts';

/** Rows of a table by its place among aligned ones. */
interface Rows {
  readonly table: number;
  readonly rows: Uint32Array;
}

/** Distances of each of some rows to the nearest and the second nearest of others. @internal */
export interface ClosestRecords {
  readonly nearest: Float64Array;
  readonly second: Float64Array;
}

/**
 * Distances to the closest records: the mean over columns of |difference| / real range for numbers,
 * 0 or 1 for categories; a missing value is at 1 from any other, at 0 from a missing one.
 *
 * @param columns - Aligned; the ranges are those of the first table.
 *
 * @internal
 */
export function closestRecords(
  columns: readonly AlignedColumn[],
  from: Rows,
  to: Rows,
): ClosestRecords {
  const [queries, others] = [from, to].map((rows) => scaledRows(columns, rows)) as [Scaled, Scaled];
  const numbers = columns.map(({ isNumber }) => isNumber);
  const nearest = new Float64Array(from.rows.length).fill(Infinity);
  const second = new Float64Array(from.rows.length).fill(Infinity);
  const width = columns.length;
  for (let i = 0; i < from.rows.length; i += 1) {
    const limitAt = i * width;
    for (let j = 0; j < to.rows.length; j += 1) {
      let distance = 0;
      // Beyond the second nearest nothing is looked for.
      for (let c = 0; c < width && distance < second[i]!; c += 1) {
        distance += apart(queries[limitAt + c]!, others[j * width + c]!, numbers[c]!);
      }
      if (distance >= second[i]!) continue;
      second[i] = Math.max(nearest[i]!, distance);
      nearest[i] = Math.min(nearest[i]!, distance);
    }
  }
  return { nearest: nearest.map((sum) => sum / width), second: second.map((sum) => sum / width) };
}

type Scaled = Float64Array;

function apart(a: number, b: number, isNumber: boolean): number {
  if (!isNumber) return a === b ? 0 : 1;
  const difference = Math.abs(a - b);
  if (!Number.isNaN(difference)) return Math.min(difference, 1);
  return Number.isNaN(a) === Number.isNaN(b) ? 0 : 1;
}

/** Row by row, numbers as shares of the range of the first table. */
function scaledRows(columns: readonly AlignedColumn[], { table, rows }: Rows): Scaled {
  const scaled = new Float64Array(rows.length * columns.length);
  columns.forEach(({ isNumber, values }, c) => {
    const [low, high] = isNumber ? rangeOf(values[0]!) : [0, 1];
    const spread = high > low ? high - low : 1;
    rows.forEach((row, i) => {
      const value = values[table]![row]!;
      scaled[i * columns.length + c] = isNumber ? value / spread : value;
    });
  });
  return scaled;
}

/** The least and the greatest number; missing ones are left out. @internal */
export function rangeOf(values: Float64Array): readonly [number, number] {
  return values.reduce(
    ([low, high], value) =>
      Number.isNaN(value)
        ? ([low, high] as const)
        : ([Math.min(low, value), Math.max(high, value)] as const),
    [Infinity, -Infinity] as const,
  );
}

/**
 * The share of rows that copy one of others: equal categories, and numbers that differ by at most a
 * hundredth of them.
 *
 * @internal
 */
export function copyShare(columns: readonly AlignedColumn[], from: Rows, to: Rows): number {
  const categories = columns.filter(({ isNumber }) => !isNumber);
  const numbers = columns.filter(({ isNumber }) => isNumber);
  const keyOf = (table: number, row: number): string =>
    categories.map(({ values }) => values[table]![row]!).join();
  const groups = groupBy(to.rows, (row) => keyOf(to.table, row));
  const isCopy = (row: number, other: number): boolean =>
    numbers.every(({ values }) => {
      const [a, b] = [values[from.table]![row]!, values[to.table]![other]!];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b);
      return Math.abs(a - b) <= 0.01 * Math.abs(a);
    });
  const copies = from.rows.filter((row) =>
    (groups.get(keyOf(from.table, row)) ?? []).some((other) => isCopy(row, other)),
  );
  return copies.length / from.rows.length;
}
