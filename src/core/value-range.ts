import { formatValue } from './format.ts';

/**
 * The minimum and the maximum: `[-1, 1]`.
 *
 * @example Images for a generator that ends in a sigmoid
 * ```ts
 * const valueRange: ValueRange = [0, 1];
 * const pixels = new Uint8Array(2 * 8 * 8).fill(255);
 * const white = datasetFromArray(pixels, { sampleShape: [8, 8, 1], valueRange });
 * const network = dcganGenerator({ imageShape: [8, 8, 1], baseFilters: 4, outputActivation: 'sigmoid' });
 * console.log(white.valueRange, network.valueRange); // [ 0, 1 ] [ 0, 1 ]
 * network.dispose();
 * ```
 */
export type ValueRange = readonly [low: number, high: number];

/** The range of images inside the library. @internal */
export const imageRange: ValueRange = [-1, 1];

/** The range of pixels in files. @internal */
export const byteRange: ValueRange = [0, 255];

/** @internal */
export function checkValueRange(action: string, name: string, range: ValueRange): void {
  const ok =
    Array.isArray(range) &&
    range.length === 2 &&
    Number.isFinite(range[0]) &&
    Number.isFinite(range[1]) &&
    range[0] < range[1];
  if (ok) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must be two finite numbers, the lower first, got ${formatValue(range)}`,
  );
}

/** The line through `from[0] → to[0]` and `from[1] → to[1]`. @internal */
export function linearMap(from: ValueRange, to: ValueRange): (value: number) => number {
  const slope = (to[1] - to[0]) / (from[1] - from[0]);
  return (value) => to[0] + (value - from[0]) * slope;
}
