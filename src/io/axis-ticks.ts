/** A round number on an axis, and its label. @internal */
export interface AxisTick {
  readonly value: number;
  readonly label: string;
}

/**
 * About `count` evenly spaced round numbers, from at or just below `low` to at or just above
 * `high`.
 *
 * @internal
 */
export function axisTicks(
  low: number,
  high: number,
  count: number,
  smallestStep = 0,
): readonly AxisTick[] {
  const step = Math.max(smallestStep, roundStep((high - low) / Math.max(1, count)));
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const size = Math.max(Math.abs(first), Math.abs(last)) * step;
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: first + i === 0 ? '0' : label(value, step, size).replace('-', '−') };
  });
}

/** The smallest 1, 2 or 5 times a power of ten that is at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5].find((round) => round * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** The largest number on the axis decides the format of all labels. */
function label(value: number, step: number, size: number): string {
  if (size >= 1e10 || size < 1e-3) {
    const power = 10 ** Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    return value.toExponential(decimals(step / power)).replace('e+', 'e');
  }
  if (size >= 1e6) return `${(value / 1e6).toFixed(decimals(step / 1e6))}M`;
  if (size >= 1e4) return `${(value / 1e3).toFixed(decimals(step / 1e3))}k`;
  return value.toFixed(decimals(step));
}

/** The number of decimals that a step of 1, 2 or 5 times a power of ten requires. */
function decimals(step: number): number {
  return Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}
