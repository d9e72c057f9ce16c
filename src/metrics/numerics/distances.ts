import * as tf from '@tensorflow/tfjs';
import { columnMeans } from './covariance.ts';
import type { FeatureTable } from '../features.ts';

/** Lower bounds on the squared distances of some rows of one table to some of another. @internal */
export interface DistanceBlock {
  /** Number of the block's first row in the first table, and how many there are. */
  readonly firstRow: number;
  readonly rows: number;
  /** The same for the second table. */
  readonly firstColumn: number;
  readonly columns: number;
  /** The least that each squared distance can be: `rows × columns`, row after row. */
  readonly least: Float32Array;
}

/** Rows of each table in a block: 2 MB of distances at a time, whatever the sizes of the tables. */
const rowsAtOnce = 256;
const columnsAtOnce = 2048;

/**
 * Distances between the rows of two tables: quick ones in blocks, less all that rounding can have added to them, and exact
 * ones by hand.
 *
 * ‖a − b‖² = ‖a‖² + ‖b‖² − 2·a·b makes a matrix product of them, at the price of rounding where a and b are near
 * each other; what hangs on a difference within the bound on it is decided by {@link Distances.exact}.
 *
 * @internal
 */
export class Distances {
  readonly #first: Centered;
  readonly #second: Centered;
  readonly #tables: readonly [FeatureTable, FeatureTable];
  readonly #relativeError: number;

  constructor(first: FeatureTable, second: FeatureTable) {
    // Distances do not feel a shift; norms, and with them the rounding, do.
    const shift = columnMeans(second);
    this.#tables = [first, second];
    this.#first = centered(first, shift);
    this.#second = first === second ? this.#first : centered(second, shift);
    // A sum of n products in float32 is off by about √n roundings of 2⁻²⁴; four times that, and some for the rest.
    this.#relativeError = (8 + 4 * Math.sqrt(first.columns)) * 2 ** -24;
  }

  /** The squared distance of two rows in double precision; the same whichever comes first. */
  exact(row: number, column: number): number {
    const [{ columns: size, values: a }, { values: b }] = this.#tables;
    let sum = 0;
    for (let i = 0; i < size; i += 1) {
      const difference = a[row * size + i]! - b[column * size + i]!;
      sum += difference * difference;
    }
    return sum;
  }

  /** Whether two rows are nearer than a squared distance that is exact, given the least that theirs can be. */
  isCloser(row: number, column: number, least: number, limit: number): boolean {
    if (least >= limit) return false;
    const slack = this.#relativeError * (this.#first.norms[row]! + this.#second.norms[column]!);
    return least + 2 * slack < limit || this.exact(row, column) < limit;
  }

  /** Walks all pairs, block by block. */
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

/** Rows less a common shift, and the squares of their lengths. */
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

/** Makes of products a·b the numbers (‖a‖² + ‖b‖²)·share − 2·a·b, or 0 where that is less. */
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
