import type { FeatureTable } from '../features.ts';

/** Mean and covariance of features, in double precision. @internal */
export interface Moments {
  readonly mean: Float64Array;
  /** `columns × columns`, row by row; divided by the number of rows minus one. */
  readonly covariance: Float64Array;
}

/** Rows processed together: their block of differences from the mean stays in the cache. */
const rowsAtOnce = 64;

/**
 * Mean and covariance, in two passes over the rows.
 *
 * In JavaScript instead of the backend: float32 products leave noise of 1e-7 of the largest
 * eigenvalue where a covariance is zero, and a square root turns it into 3e-4.
 *
 * @internal
 */
export function moments(table: FeatureTable): Moments {
  const { rows, columns, values } = table;
  const mean = columnMeans(table);
  const covariance = new Float64Array(columns * columns);
  const block = new Float64Array(rowsAtOnce * columns);
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first);
    // Column by column, so that a product reads memory sequentially.
    for (let row = 0; row < count; row += 1) {
      const at = (first + row) * columns;
      for (let i = 0; i < columns; i += 1) block[i * rowsAtOnce + row] = values[at + i]! - mean[i]!;
    }
    addProducts(covariance, block, columns, count);
  }
  for (let i = 0; i < columns; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const value = covariance[i * columns + j]! / (rows - 1);
      covariance[i * columns + j] = value;
      covariance[j * columns + i] = value;
    }
  }
  return { mean, covariance };
}

/** @internal */
export function columnMeans({ rows, columns, values }: FeatureTable): Float64Array {
  const mean = new Float64Array(columns);
  for (let at = 0; at < values.length; at += columns) {
    for (let i = 0; i < columns; i += 1) mean[i]! += values[at + i]!;
  }
  return mean.map((sum) => sum / rows);
}

/** Adds the products of all pairs of columns to the lower triangle. */
function addProducts(
  sums: Float64Array,
  block: Float64Array,
  columns: number,
  count: number,
): void {
  for (let i = 0; i < columns; i += 1) {
    const a = i * rowsAtOnce;
    for (let j = 0; j <= i; j += 1) {
      const b = j * rowsAtOnce;
      let [even, odd] = [0, 0];
      let row = 0;
      for (; row + 1 < count; row += 2) {
        even += block[a + row]! * block[b + row]!;
        odd += block[a + row + 1]! * block[b + row + 1]!;
      }
      if (row < count) even += block[a + row]! * block[b + row]!;
      sums[i * columns + j]! += even + odd;
    }
  }
}
