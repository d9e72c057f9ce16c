import type { ReportCurve } from './report-curve.ts';

/** What the page's script reads off a chart. @internal */
export interface ChartData {
  readonly low: number;
  readonly high: number;
  readonly steps: readonly number[];
  readonly curves: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

/** How many places along a chart the pointer can read. */
const places = 400;

/** The values at even places, as they were. @internal */
export function readings(curves: readonly ReportCurve[]): Pick<ChartData, 'steps' | 'curves'> {
  const every = [...new Set(curves.flatMap(({ points }) => points.map(([step]) => step)))].sort(
    (a, b) => a - b,
  );
  const count = Math.min(places, every.length);
  const steps = Array.from(
    { length: count },
    (_, i) => every[count < 2 ? 0 : Math.round((i * (every.length - 1)) / (count - 1))]!,
  );
  return {
    steps,
    curves: curves.map(({ name, points }) => {
      const values = new Map(points);
      return { name, values: steps.map((step) => readable(values.get(step))) };
    }),
  };
}

function readable(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4));
}
