/**
 * How the share of a run that lies behind goes with its steps when its end moves: in lines from
 * point to point, and from the last point to 1 in the last step. A new end adds a point where the
 * run stands, so the share bends there and never jumps.
 *
 * @internal
 */
export interface RunCourse {
  /** The share, 0…1, in the step of each number; in order, at least one. */
  readonly points: readonly CoursePoint[];
  /** Number of the planned last step; until there is one, the share stays at the last point. */
  readonly lastStep?: number | undefined;
}

/** @internal */
export interface CoursePoint {
  /** Number of a step over the trainer's life; 0 before the first. */
  readonly step: number;
  /** The share in it, 0…1. */
  readonly share: number;
}

/** The share of the run that lies behind in a step: exactly 1 from the last step on. @internal */
export function shareAt({ points, lastStep }: RunCourse, step: number): number {
  if (lastStep !== undefined && step >= lastStep) return 1;
  const index = points.findLastIndex((point) => point.step <= step);
  const from = points[Math.max(index, 0)]!;
  const end: CoursePoint = {
    step: lastStep ?? Infinity,
    share: lastStep === undefined ? from.share : 1,
  };
  const to = points[index + 1] ?? end;
  if (index < 0 || to.step === Infinity) return from.share;
  return from.share + ((to.share - from.share) * (step - from.step)) / (to.step - from.step);
}
