import type { Eigen } from '../metrics/numerics/symmetric-eigen.ts';

/** A direction before its effect is measured. @internal */
export interface LatentAxis {
  /** Of length 1. */
  readonly vector: Float32Array;
  /** Share of the sum of all eigenvalues. */
  readonly share: number;
}

/**
 * The eigenvectors with the largest eigenvalues, first the largest.
 *
 * @returns For each, its row in `vectors`, and its share of the sum.
 * @throws RangeError if all eigenvalues are 0.
 *
 * @internal
 */
export function largestEigen(
  action: string,
  { values, vectors }: Eigen,
  count: number,
): { readonly vector: Float64Array; readonly share: number }[] {
  const size = values.length;
  const sum = values.reduce((total, value) => total + value, 0);
  if (!(sum > 0)) {
    throw new RangeError(
      `Cannot ${action}: the outputs of the first layer must vary with the latents, got weights of 0`,
    );
  }
  return Array.from(values.keys())
    .sort((a, b) => values[b]! - values[a]!)
    .slice(0, count)
    .map((row) => ({
      vector: vectors.subarray(row * size, (row + 1) * size),
      share: values[row]! / sum,
    }));
}

/**
 * A vector scaled to length 1, its largest number positive: eigenvectors have no sign of their own.
 *
 * @internal
 */
export function unitVector(vector: Float64Array): Float32Array {
  const largest = vector.reduce(
    (most, value) => (Math.abs(value) > Math.abs(most) ? value : most),
    0,
  );
  const scale = Math.sign(largest) / Math.hypot(...vector);
  return Float32Array.from(vector, (value) => value * scale);
}
