import { Distances } from './distances.ts';
import type { FeatureTable } from './features.ts';

/** The nearest rows of one table to each row of another. @internal */
export interface Nearest {
  /** How many for each row. */
  readonly count: number;
  /** Their numbers, `rows × count`, nearest first; where equally near, the lower number first. */
  readonly indices: Uint32Array;
  /** The squares of their distances, in double precision. */
  readonly squared: Float64Array;
}

/** So many more are kept than asked for, because quick distances may order near ties wrongly. */
const spare = 4;

/**
 * Finds the nearest rows of `table` to each row of `queries`; a row is no neighbour of itself where both are the same
 * object.
 *
 * @internal
 */
export async function nearestRows(
  queries: FeatureTable,
  table: FeatureTable,
  count: number,
): Promise<Nearest> {
  const distances = new Distances(queries, table);
  const itself = queries === table;
  const kept = Math.min(count + spare, table.rows - (itself ? 1 : 0));
  const best = new Float32Array(queries.rows * kept).fill(Infinity);
  const numbers = new Uint32Array(queries.rows * kept);
  await distances.eachBlock(({ firstRow, rows, firstColumn, columns, squared }) => {
    for (let i = 0, at = 0; i < rows; i += 1) {
      const end = (firstRow + i + 1) * kept;
      for (let j = 0; j < columns; j += 1, at += 1) {
        const distance = squared[at]!;
        if (distance >= best[end - 1]! || (itself && firstRow + i === firstColumn + j)) continue;
        let place = end - 1;
        for (; place > end - kept && best[place - 1]! > distance; place -= 1) {
          best[place] = best[place - 1]!;
          numbers[place] = numbers[place - 1]!;
        }
        best[place] = distance;
        numbers[place] = firstColumn + j;
      }
    }
  });
  return refined(distances, numbers, queries.rows, kept, count);
}

/** Sorts what was kept by exact distances and keeps what was asked for. */
function refined(
  distances: Distances,
  numbers: Uint32Array,
  rows: number,
  kept: number,
  count: number,
): Nearest {
  const indices = new Uint32Array(rows * count);
  const squared = new Float64Array(rows * count);
  for (let row = 0; row < rows; row += 1) {
    const candidates = [...numbers.subarray(row * kept, (row + 1) * kept)]
      .map((index) => ({ index, distance: distances.exact(row, index) }))
      .sort((a, b) => a.distance - b.distance || a.index - b.index);
    for (let k = 0; k < count; k += 1) {
      indices[row * count + k] = candidates[k]!.index;
      squared[row * count + k] = candidates[k]!.distance;
    }
  }
  return { count, indices, squared };
}
