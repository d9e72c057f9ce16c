import type { Point } from './thin-out.ts';

/**
 * The exponential moving average of a curve, with bias correction at its beginning.
 *
 * With weight w: mₜ = w·mₜ₋₁ + (1 − w)·xₜ, divided by 1 − wᵗ. Gaps stay gaps and are skipped.
 *
 * @internal
 */
export function smooth(points: readonly Point[], weight: number): readonly Point[] {
  let mean = 0;
  let share = 0;
  return points.map(([step, value]): Point => {
    if (!Number.isFinite(value)) return [step, value];
    mean = weight * mean + (1 - weight) * value;
    share = weight * share + (1 - weight);
    return [step, mean / share];
  });
}
