import { formatShape } from '../core/format.ts';
import type { ValueRange } from '../core/value-range.ts';

/** Input of a check of values. @internal */
export interface ValueCheck {
  readonly sampleShape: readonly number[];
  /** The allowed range. */
  readonly range: ValueRange | undefined;
  /** The number of the first sample among `values`. */
  readonly firstSample?: number | undefined;
}

/** Refuses values that are not finite or lie outside their range. @internal */
export function checkValues(
  action: string,
  values: Float32Array | Uint8Array | Uint8ClampedArray,
  check: ValueCheck,
): void {
  let low = Infinity;
  let high = -Infinity;
  let whole = true;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (!Number.isFinite(value)) {
      throw new RangeError(
        `Cannot ${action}: all values must be finite, got ${value} at ${place(i, check)}`,
      );
    }
    if (value < low) low = value;
    if (value > high) high = value;
    if (whole && !Number.isInteger(value)) whole = false;
  }
  const { range, sampleShape } = check;
  if (range === undefined) {
    // Vectors may have any values, but integers of 0…255 over many features are flattened pixels.
    const features = sampleShape.reduce((product, side) => product * side, 1);
    if (features < 64 || !whole || low < 0 || high <= 2 || high > 255) return;
    throw new RangeError(
      `Cannot ${action}: values must not be pixels of 0…255, got integers from ${low} to ${high}. ` +
        'Pass a Uint8Array, or inputRange: [0, 255], to scale them to −1…1; ' +
        `if the range is intended, pass valueRange: [0, 255]`,
    );
  }
  // float32 rounds the ends of a range such as 0.1…0.9.
  const slack = 1e-6 * Math.max(Math.abs(range[0]), Math.abs(range[1]));
  if (low >= range[0] - slack && high <= range[1] + slack) return;
  const pixels = low >= 0 && high > 2 && high <= 255;
  throw new RangeError(
    `Cannot ${action}: values must lie in ${formatShape(range)}, got ${low} to ${high}. ` +
      (pixels
        ? 'Pass pixels as a Uint8Array, or inputRange: [0, 255], to scale them; '
        : 'Pass inputRange, their actual range, to scale them; ') +
      'if the range is intended, pass valueRange',
  );
}

function place(index: number, { sampleShape, firstSample = 0 }: ValueCheck): string {
  const sampleSize = sampleShape.reduce((product, side) => product * side, 1);
  const position: number[] = [];
  let rest = index % sampleSize;
  for (const side of [...sampleShape].reverse()) {
    position.unshift(rest % side);
    rest = Math.floor(rest / side);
  }
  return `position ${formatShape(position)} of sample ${firstSample + Math.floor(index / sampleSize)}`;
}
