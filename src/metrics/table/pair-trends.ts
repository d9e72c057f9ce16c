import type { AlignedColumn } from './aligned-tables.ts';
import { totalVariation } from './column-shapes.ts';
import { rangeOf } from './closest-records.ts';

/**
 * How alike the relation of two columns is in two tables.
 *
 * @example A relation that the second table has lost
 * ```ts
 * const real = Array.from({ length: 40 }, (_, i) => ({ x: i % 8, y: 2 * (i % 8) }));
 * const made = real.map(({ y }, i) => ({ x: (i * 3 + (i >> 3)) % 8, y }));
 * const [pair] = tableReport(real, made).trends.pairs;
 * const isLost = ({ trend, independent }: PairTrend): boolean => trend < independent + 0.1;
 * console.log(pair?.association, isLost(pair!)); // 1 true
 * ```
 */
export interface PairTrend {
  /** Names of the columns. */
  readonly columns: readonly [string, string];
  /**
   * 1 − half the difference of correlations of numbers; else 1 − total variation distance of the
   * tables of counts.
   */
  readonly trend: number;
  /** The score of the same columns if nothing related them: what the trend has to beat. */
  readonly independent: number;
  /**
   * How strong the relation is in the real table, 0…1: |correlation|, or Cramér's V without its
   * bias.
   */
  readonly association: number;
}

/** Parts of the range of a column of numbers beside a column of categories. */
const bins = 10;

/** The trends of all pairs of columns. @internal */
export function pairTrends(columns: readonly AlignedColumn[]): readonly PairTrend[] {
  const codes = columns.map((column) => (column.isNumber ? binned(column) : column.values));
  return columns.flatMap((first, i) =>
    columns.slice(i + 1).map((second, offset): PairTrend => {
      const names = [first.name, second.name] as const;
      if (first.isNumber && second.isNumber) return numberTrend(names, first, second);
      return codeTrend(names, codes[i]!, codes[i + 1 + offset]!);
    }),
  );
}

function numberTrend(
  columns: readonly [string, string],
  first: AlignedColumn,
  second: AlignedColumn,
): PairTrend {
  const [real, synthetic] = [0, 1].map((table) =>
    correlation(first.values[table]!, second.values[table]!),
  ) as [number, number];
  return {
    columns,
    trend: 1 - Math.abs(real - synthetic) / 2,
    independent: 1 - Math.abs(real) / 2,
    association: Math.abs(real),
  };
}

/** Pearson's correlation over rows that have both numbers; 0 if one is constant. @internal */
export function correlation(first: Float64Array, second: Float64Array): number {
  let [count, x, y, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  const [a, b] = [first, second].map(centerOf) as [number, number];
  for (let i = 0; i < first.length; i += 1) {
    const [p, q] = [first[i]! - a, second[i]! - b];
    if (Number.isNaN(p) || Number.isNaN(q)) continue;
    count += 1;
    x += p;
    y += q;
    xx += p * p;
    yy += q * q;
    xy += p * q;
  }
  const spread = Math.sqrt((count * xx - x * x) * (count * yy - y * y));
  return spread > 0 ? (count * xy - x * y) / spread : 0;
}

/** Near the mean, so that sums of squares lose nothing. */
function centerOf(values: Float64Array): number {
  return values.find((value) => !Number.isNaN(value)) ?? 0;
}

/** Numbers as the parts of the real range that they are in; missing ones are −1. */
function binned({ values }: AlignedColumn): readonly Float64Array[] {
  const [low, high] = rangeOf(values[0]!);
  const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  return values.map((all) =>
    Float64Array.from(all, (value) =>
      Number.isNaN(value) ? -1 : edges.findLastIndex((edge) => value >= edge) + 1,
    ),
  );
}

function codeTrend(
  columns: readonly [string, string],
  first: readonly Float64Array[],
  second: readonly Float64Array[],
): PairTrend {
  const joint = (table: number): Float64Array => {
    const [a, b] = [first[table]!, second[table]!];
    return a.map((code, row) => (code + 1) * 1e6 + b[row]! + 1);
  };
  const real = joint(0);
  const { association, independent } = associationOf(first[0]!, second[0]!, real);
  return { columns, trend: 1 - totalVariation(real, joint(1)), independent, association };
}

/** How strongly two columns of codes are related. */
function associationOf(
  first: Float64Array,
  second: Float64Array,
  joint: Float64Array,
): { readonly association: number; readonly independent: number } {
  const rows = first.length;
  const [a, b, both] = [first, second, joint].map(counted) as [Counts, Counts, Counts];
  let [chiSquare, distance, expectedOfSeen] = [0, 0, 0];
  for (const [key, count] of both) {
    const product = a.get(Math.floor(key / 1e6) - 1)! * b.get((key % 1e6) - 1)!;
    const expected = product / rows;
    chiSquare += (count - expected) ** 2 / expected;
    distance += Math.abs(count - expected) / rows;
    expectedOfSeen += expected;
  }
  // Pairs that never come add what is expected of them.
  chiSquare += rows - expectedOfSeen;
  distance += (rows - expectedOfSeen) / rows;
  const [r, k] = [a.size, b.size];
  const phi = Math.max(0, chiSquare / rows - ((r - 1) * (k - 1)) / (rows - 1));
  const less = Math.min(r - (r - 1) ** 2 / (rows - 1), k - (k - 1) ** 2 / (rows - 1)) - 1;
  return {
    association: less > 0 ? Math.min(1, Math.sqrt(phi / less)) : 0,
    independent: 1 - distance / 2,
  };
}

type Counts = ReadonlyMap<number, number>;

function counted(codes: Float64Array): Counts {
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
