import { groupBy } from '../../core/group-by.ts';
import type { Point } from '../thin-out.ts';

/** A line of a chart of the report. @internal */
export interface ReportCurve {
  readonly name: string;
  /** Steps in ascending order, and the value at each; NaN is a gap. */
  readonly points: readonly Point[];
  /** Its color number, if it is not the usual one. */
  readonly color?: number | undefined;
  /** A reference, such as the floor of real data: a dashed line without smoothing. */
  readonly isReference?: boolean | undefined;
}

/** A curve for each name, through the steps that have it. @internal */
export function namedCurves(
  records: Iterable<readonly [step: number, values: Readonly<Record<string, number>>]>,
): readonly ReportCurve[] {
  const curves = new Map<string, Point[]>();
  for (const [step, values] of records) {
    for (const [name, value] of Object.entries(values)) {
      const points = curves.get(name);
      if (points === undefined) curves.set(name, [[step, value]]);
      else points.push([step, value]);
    }
  }
  return [...curves].map(([name, points]) => ({ name, points }));
}

/** Curves that share a chart, by name of the chart. @internal */
export function curveGroups(
  curves: readonly ReportCurve[],
  groupOf: (name: string) => string,
): ReadonlyMap<string, readonly ReportCurve[]> {
  return groupBy(curves, ({ name }) => groupOf(name));
}
