import type { AxisTick } from '../../io/axis-ticks.ts';
import { extent } from '../curves.ts';
import type { Point } from '../thin-out.ts';

/**
 * Share of the values at either end that may lie outside the frame if they would flatten all
 * others.
 */
const spikes = 0.002;

/** Smoothing window: about a fiftieth of the run; none in the first steps. @internal */
export function weightFor(length: number): number {
  return length < 50 ? 0 : 1 - 1 / Math.max(2, length / 50);
}

/** A curve of raw and smoothed values. @internal */
export interface ChartLine {
  readonly raw: readonly Point[];
  readonly mean: readonly Point[];
}

/** The range of all values except single spikes that would flatten the rest. @internal */
export function frameOf(lines: readonly ChartLine[]): { low: number; high: number } {
  const full = extent(
    lines.flatMap(({ raw }) => raw),
    1,
  );
  let [low, high] = [Infinity, -Infinity];
  for (const { raw, mean } of lines) {
    const sorted = Float64Array.from(raw.map(([, value]) => value).filter(Number.isFinite)).sort();
    if (sorted.length === 0) continue;
    const cut = Math.ceil(sorted.length * spikes) - (sorted.length < 100 ? 1 : 0);
    low = Math.min(low, sorted[cut] ?? Infinity);
    high = Math.max(high, sorted[sorted.length - 1 - cut] ?? -Infinity);
    if (sorted.length < 100) continue;
    // A spike distorts the mean for a while; only its later half must be inside the frame.
    for (const [, value] of mean.slice(mean.length >> 1)) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  // Smaller differences are rounding errors of the mean.
  const spread = high - low > 1e-6 * Math.max(Math.abs(low), Math.abs(high));
  const flattened = spread && full.high - full.low > 3 * (high - low);
  return flattened ? { low, high } : full;
}

/** The powers of ten from `low` to `high`, which are logarithms. @internal */
export function powerTicks(low: number, high: number): readonly AxisTick[] {
  const [first, last] = [Math.floor(low + 1e-9), Math.ceil(high - 1e-9)];
  const step = Math.ceil((last - first) / 5) || 1;
  const count = Math.ceil((last - first) / step) + 1;
  return Array.from({ length: Math.max(2, count) }, (_, i) => {
    const value = first + i * step;
    const label =
      value >= -3 && value <= 3 ? String(Number((10 ** value).toFixed(3))) : `1e${value}`;
    return { value, label: label.replace('-', '−') };
  });
}
