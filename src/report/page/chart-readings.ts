import type { ReportCurve } from './report-curve.ts';

/** The values of a chart that the page's script shows and scales. @internal */
export interface ChartData {
  /** The first and the last step. */
  readonly low: number;
  readonly high: number;
  /** The ends of the value axis; logarithms on a logarithmic scale. */
  readonly axis: readonly [low: number, high: number];
  /** The value range of each curve alone. */
  readonly frames: readonly (readonly [low: number, high: number])[];
  readonly powers: boolean;
  readonly steps: readonly number[];
  readonly curves: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

/** Number of positions along a chart that the pointer can read. */
const places = 400;

/** The raw values at evenly spaced positions. */
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
