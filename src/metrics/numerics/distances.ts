import * as tf from '@tensorflow/tfjs';
import { columnMeans } from './covariance.ts';
import type { FeatureTable } from '../features.ts';

/** Lower bounds on the squared distances between rows of two tables. @internal */
export interface DistanceBlock {
  /** Index of the block's first row in the first table, and the number of rows. */
  readonly firstRow: number;
  readonly rows: number;
  /** The same for the second table. */
  readonly firstColumn: number;
  readonly columns: number;
  /** Lower bound of each squared distance: `rows × columns`, row by row. */
  readonly least: Float32Array;
}

/** Rows of each table in a block: 2 MB of distances at a time, whatever the size of the tables. */
const rowsAtOnce = 256;
const columnsAtOnce = 2048;

/**
 * Distances between the rows of two tables: fast approximate ones in blocks, minus the maximum
 * rounding error, and exact ones for single pairs.
 *
 * ‖a − b‖² = ‖a‖² + ‖b‖² − 2·a·b turns them into a matrix product, with rounding errors if a and b
 * are near each other; decisions within the error bound use {@link Distances.exact}.
 *
 * @internal
 */
export class Distances {
  readonly #first: Centered;
  readonly #second: Centered;
  readonly #tables: readonly [FeatureTable, FeatureTable];
  readonly #relativeError: number;

  constructor(first: FeatureTable, second: FeatureTable) {
    // Distances do not depend on a shift, but norms, and so the rounding errors, do.
    const shift = columnMeans(second);
    this.#tables = [first, second];
    this.#first = centered(first, shift);
    this.#second = first === second ? this.#first : centered(second, shift);
    // The error of a sum of n products in float32 is about √n roundings of 2⁻²⁴; four times that,
    // plus a margin.
    this.#relativeError = (8 + 4 * Math.sqrt(first.columns)) * 2 ** -24;
  }

  /** The squared distance of two rows in double precision; symmetric. */
  exact(row: number, column: number): number {
    const [{ columns: size, values: a }, { values: b }] = this.#tables;
    let sum = 0;
    for (let i = 0; i < size; i += 1) {
      const difference = a[row * size + i]! - b[column * size + i]!;
      sum += difference * difference;
    }
    return sum;
  }

  /**
   * Whether two rows are nearer than an exact squared distance, given the lower bound of theirs.
   */
  isCloser(row: number, column: number, least: number, limit: number): boolean {
    if (least >= limit) return false;
    const slack = this.#relativeError * (this.#first.norms[row]! + this.#second.norms[column]!);
    return least + 2 * slack < limit || this.exact(row, column) < limit;
  }

  /** Iterates over all pairs, block by block. */
  async eachBlock(visit: (block: DistanceBlock) => void): Promise<void> {
    const [a, b] = [this.#first, this.#second];
    for (let firstRow = 0; firstRow < a.rows; firstRow += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, a.rows - firstRow);
      const left = part(a, firstRow, rows);
      for (let firstColumn = 0; firstColumn < b.rows; firstColumn += columnsAtOnce) {
        const columns = Math.min(columnsAtOnce, b.rows - firstColumn);
        const right = part(b, firstColumn, columns);
        const products = tf.matMul(left, right, false, true);
        const least = (await products.data()) as Float32Array;
        tf.dispose([right, products]);
        completeSquares(
          least,
          a.norms.subarray(firstRow, firstRow + rows),
          b.norms.subarray(firstColumn, firstColumn + columns),
          1 - this.#relativeError,
        );
        visit({ firstRow, rows, firstColumn, columns, least });
      }
      left.dispose();
    }
  }
}

/** Rows minus a common shift, and their squared norms. */
interface Centered {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly norms: Float64Array;
}

function centered({ rows, columns, values }: FeatureTable, shift: Float64Array): Centered {
  const moved = new Float32Array(values.length);
  const norms = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row += 1) {
    let norm = 0;
    for (let i = 0; i < columns; i += 1, at += 1) {
      moved[at] = values[at]! - shift[i]!;
      norm += moved[at]! ** 2;
    }
    norms[row] = norm;
  }
  return { rows, columns, values: moved, norms };
}

/** Converts products a·b to (‖a‖² + ‖b‖²)·share − 2·a·b, or 0 if that is negative. */
function completeSquares(
  products: Float32Array,
  rows: Float64Array,
  columns: Float64Array,
  share: number,
): void {
  let at = 0;
  for (const norm of rows) {
    for (let j = 0; j < columns.length; j += 1, at += 1) {
      const value = (norm + columns[j]!) * share - 2 * products[at]!;
      products[at] = value > 0 ? value : 0;
    }
  }
}

function part({ columns, values }: Centered, first: number, count: number): tf.Tensor2D {
  return tf.tensor2d(values.slice(first * columns, (first + count) * columns), [count, columns]);
}
