import type { AlignedColumn } from './aligned-tables.ts';

/**
 * How alike a column is in two tables.
 *
 * @example The column that differs most
 * ```ts
 * const [real, made] = [[1, 2, 3, 4], [1, 2, 3, 9]].map((all) => all.map((x, i) => ({ x, y: i % 2 === 0 })));
 * const { columns } = tableReport(real!, made!).shapes;
 * const [worst] = [...columns].sort((a: ColumnShape, b: ColumnShape) => a.shape - b.shape);
 * console.log(worst?.name, worst?.shape); // x 0.75
 * ```
 */
export interface ColumnShape {
  /** Its name. */
  readonly name: string;
  /**
   * 1 − Kolmogorov–Smirnov distance of numbers, 1 − total variation distance of categories, in
   * which missing is one.
   */
  readonly shape: number;
  /**
   * Of a column of numbers of which more than half are one value, such as 0: the same of the other
   * rows alone.
   */
  readonly otherRows?: number | undefined;
  /** 1 − difference of the shares of missing values. */
  readonly missing: number;
}

/** How alike a column is in the first two tables. @internal */
export function columnShape({ name, isNumber, values }: AlignedColumn): ColumnShape {
  const [real, synthetic] = values as readonly [Float64Array, Float64Array];
  const isMissing = (value: number): boolean => (isNumber ? Number.isNaN(value) : value < 0);
  const shares = [real, synthetic].map((all) => all.filter(isMissing).length / all.length);
  const missing = 1 - Math.abs(shares[0]! - shares[1]!);
  if (!isNumber) return { name, shape: 1 - totalVariation(real, synthetic), missing };
  const [a, b] = [real, synthetic].map((all) => all.filter((value) => !isMissing(value)).sort());
  const common = mostCommon(a!);
  const others = [a!, b!].map((all) => all.filter((value) => value !== common));
  return {
    name,
    shape: 1 - kolmogorovSmirnov(a!, b!),
    ...(common !== undefined && { otherRows: 1 - kolmogorovSmirnov(others[0]!, others[1]!) }),
    missing,
  };
}

/** The value of more than half of some numbers in order. */
function mostCommon(sorted: Float64Array): number | undefined {
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined || sorted[0] === sorted.at(-1)) return undefined;
  const count = sorted.filter((value) => value === middle).length;
  return 2 * count > sorted.length ? middle : undefined;
}

/**
 * The greatest difference of two empirical distribution functions; 1 if one has no numbers and the
 * other has.
 *
 * @internal
 */
export function kolmogorovSmirnov(first: Float64Array, second: Float64Array): number {
  if (first.length === 0 || second.length === 0) return first.length === second.length ? 0 : 1;
  let [i, j, most] = [0, 0, 0];
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < first.length && first[i] === value) i += 1;
    while (j < second.length && second[j] === value) j += 1;
    most = Math.max(most, Math.abs(i / first.length - j / second.length));
  }
  return most;
}

/** Half the sum of the differences of shares. @internal */
export function totalVariation(first: Float64Array, second: Float64Array): number {
  // Shares times both numbers of rows, which are integers, so that equal ones differ by nothing.
  const counts = new Map<number, number>();
  for (const value of first) add(counts, value, second.length);
  for (const value of second) add(counts, value, -first.length);
  const sum = [...counts.values()].reduce((all, count) => all + Math.abs(count), 0);
  return sum / (2 * first.length * second.length);
}

function add(counts: Map<number, number>, value: number, count: number): void {
  counts.set(value, (counts.get(value) ?? 0) + count);
}
