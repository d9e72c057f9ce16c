/** A point of a curve: step and value. @internal */
export type Point = readonly [step: number, value: number];

/**
 * Keeps the lowest and the highest point of each of `columns` columns, and every gap: enough to
 * draw a curve with more points than pixels.
 *
 * @internal
 */
export function thinOut(points: readonly Point[], columns: number): readonly Point[] {
  if (points.length <= 4 * columns) return points;
  const first = points[0]?.[0] ?? 0;
  const width = ((points.at(-1)?.[0] ?? 0) - first) / columns || 1;
  const kept: Point[] = [];
  let low: Point | undefined;
  let high: Point | undefined;
  let column = 0;

  const close = (): void => {
    if (low !== undefined && high !== undefined) {
      const pair = low[0] <= high[0] ? [low, high] : [high, low];
      kept.push(...(low === high ? [low] : pair));
    }
    low = high = undefined;
  };
  for (const point of points) {
    const here = Math.floor((point[0] - first) / width);
    if (here !== column || !Number.isFinite(point[1])) close();
    column = here;
    if (!Number.isFinite(point[1])) {
      if (kept.length === 0 || Number.isFinite(kept.at(-1)?.[1])) kept.push(point);
      continue;
    }
    if (low === undefined || point[1] < low[1]) low = point;
    if (high === undefined || point[1] > high[1]) high = point;
  }
  close();
  return kept;
}
