import type { Random } from '../core/random.ts';
import type { FeatureTable } from './features.ts';

/**
 * Draws rows without replacement, again and again.
 *
 * @returns A function that gives the next drawn rows as float32, one after the other.
 *
 * @internal
 */
export function rowDrawer(
  random: Random,
  { rows, columns, values }: FeatureTable,
  count: number,
): () => Float32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  return () => {
    const drawn = new Float32Array(count * columns);
    // The first steps of a shuffle; it may begin from any order.
    for (let i = 0; i < count; i += 1) {
      const j = i + random.integer(rows - i);
      const row = order[j]!;
      order[j] = order[i]!;
      order[i] = row;
      drawn.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
    }
    return drawn;
  };
}
