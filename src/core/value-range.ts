import { formatValue } from './format.ts';

/** The lowest and the highest value: `[-1, 1]`. */
export type ValueRange = readonly [low: number, high: number];

/** The range of images inside the library. @internal */
export const imageRange: ValueRange = [-1, 1];

/** The range of pixels in files. @internal */
export const byteRange: ValueRange = [0, 255];

/** @internal */
export function checkValueRange(asked: string, name: string, range: ValueRange): void {
  const ok =
    Array.isArray(range) &&
    range.length === 2 &&
    Number.isFinite(range[0]) &&
    Number.isFinite(range[1]) &&
    range[0] < range[1];
  if (ok) return;
  throw new RangeError(
    `Cannot ${asked}: ${name} must be two finite numbers, the lower first, got ${formatValue(range)}`,
  );
}

/** The line through `from[0] → to[0]` and `from[1] → to[1]`. @internal */
export function linearMap(from: ValueRange, to: ValueRange): (value: number) => number {
  const slope = (to[1] - to[0]) / (from[1] - from[0]);
  return (value) => to[0] + (value - from[0]) * slope;
}
