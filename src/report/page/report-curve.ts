import type { Point } from '../thin-out.ts';

/** A line of a chart of the report. @internal */
export interface ReportCurve {
  readonly name: string;
  /** Steps in rising order, and the value at each; NaN where there is a gap. */
  readonly points: readonly Point[];
}
