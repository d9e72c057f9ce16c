import { Distances } from './distances.ts';
import type { FeatureTable } from '../features.ts';

/** The nearest rows of one table for each row of another. @internal */
export interface Nearest {
  /** Number of neighbors for each row. */
  readonly count: number;
  /** Their indices, `rows × count`, nearest first; ties have the lower index first. */
  readonly indices: Uint32Array;
  /** Their squared distances, in double precision. */
  readonly squared: Float64Array;
}

/** Number of additional candidates, because bounds may order near ties incorrectly. */
const spare = 4;

/**
 * Finds the nearest rows of `table` to each row of `queries`; a row is not its own neighbor if both
 * are the same object.
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
  const others = table.rows - (itself ? 1 : 0);
  const kept = Math.min(count + spare, others);
  const { least, numbers } = await nearestByBounds(distances, queries.rows, kept, itself);
  const indices = new Uint32Array(queries.rows * count);
  const squared = new Float64Array(queries.rows * count);
  for (let row = 0; row < queries.rows; row += 1) {
    const candidates = numbers.subarray(row * kept, (row + 1) * kept).sort();
    let found = nearestOf(distances, row, candidates, count);
    // A dropped candidate may be as near as its bound.
    const isSure = kept === others || least[(row + 1) * kept - 1]! > found[count - 1]!.distance;
    if (!isSure) found = nearestOf(distances, row, everyRow(table, itself ? row : -1), count);
    found.forEach(({ index, distance }, k) => {
      indices[row * count + k] = index;
      squared[row * count + k] = distance;
    });
  }
  return { count, indices, squared };
}

/** The candidates with the lowest bounds for each row, in order. */
async function nearestByBounds(
  distances: Distances,
  queries: number,
  kept: number,
  leaveOutItself: boolean,
): Promise<{ least: Float32Array; numbers: Uint32Array }> {
  const best = new Float32Array(queries * kept).fill(Infinity);
  const numbers = new Uint32Array(queries * kept);
  await distances.eachBlock(({ firstRow, rows, firstColumn, columns, least }) => {
    for (let i = 0, at = 0; i < rows; i += 1) {
      const end = (firstRow + i + 1) * kept;
      for (let j = 0; j < columns; j += 1, at += 1) {
        const bound = least[at]!;
        if (bound >= best[end - 1]! || (leaveOutItself && firstRow + i === firstColumn + j)) {
          continue;
        }
        let place = end - 1;
        for (; place > end - kept && best[place - 1]! > bound; place -= 1) {
          best[place] = best[place - 1]!;
          numbers[place] = numbers[place - 1]!;
        }
        best[place] = bound;
        numbers[place] = firstColumn + j;
      }
    }
  });
  return { least: best, numbers };
}

interface Neighbor {
  readonly index: number;
  readonly distance: number;
}

/** The nearest of some rows, given in ascending order, by exact distances. */
function nearestOf(
  distances: Distances,
  row: number,
  candidates: Iterable<number>,
  count: number,
): Neighbor[] {
  const found: Neighbor[] = [];
  for (const index of candidates) {
    const distance = distances.exact(row, index);
    if (found.length === count && distance >= found[count - 1]!.distance) continue;
    if (found.length === count) found.pop();
    const place = found.findLastIndex((other) => other.distance <= distance) + 1;
    found.splice(place, 0, { index, distance });
    // Nothing is nearer than copies.
    if (found.length === count && found[count - 1]!.distance === 0) break;
  }
  return found;
}

function* everyRow({ rows }: FeatureTable, leftOut: number): Iterable<number> {
  for (let row = 0; row < rows; row += 1) if (row !== leftOut) yield row;
}
