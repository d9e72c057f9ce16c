import { checkPart } from '../check-part.ts';
import { formatValue } from '../format.ts';
import { type Schedule, type UpdateProgress, valueAt } from './schedule.ts';

/** Refuses a number that is not of a kind, such as `checkPositive`. */
type CheckNumber = (action: string, name: string, value: number) => void;

/** Description of a kind of numbers in errors, and its checks. @internal */
export interface NumberKind {
  /** Such as `a positive number`. */
  readonly wanted: string;
  /** Refuses an invalid constant. */
  readonly check: CheckNumber;
  /** Refuses an invalid value of a schedule. */
  readonly checkScheduled: CheckNumber;
}

/**
 * The progress with which schedules are checked at construction. The end of the run is unknown
 * then, so one is assumed.
 */
const firstUpdate: UpdateProgress = {
  step: 1,
  update: 1,
  samples: 0,
  plannedSteps: 1_000_000,
  share: 0,
};

/** Refuses a value that is neither a number of a kind nor a schedule. @internal */
export function checkScheduled(
  action: string,
  name: string,
  value: number | Schedule,
  kind: NumberKind,
): void {
  if (isSchedule(value)) {
    checkPart(action, name, value);
    scheduledValue(value, firstUpdate, kind, action);
    return;
  }
  if (typeof value === 'number') {
    kind.check(action, name, value);
    return;
  }
  throw new TypeError(
    `Cannot ${action}: ${name} must be ${kind.wanted} or a Schedule, got ${formatValue(value)}`,
  );
}

/** The checked value of a number that may be scheduled. @internal */
export function scheduledValue(
  value: number | Schedule,
  progress: UpdateProgress,
  kind: Pick<NumberKind, 'checkScheduled'>,
  action = 'train',
): number {
  if (typeof value === 'number') return value;
  const now = valueAt(value, progress);
  const name = `the value of the schedule '${value.name}' for update ${progress.update}`;
  kind.checkScheduled(action, name, now);
  return now;
}

/** A number that may be scheduled, as flat settings under a name. @internal */
export function describeScheduled(
  name: string,
  value: number | Schedule,
): Readonly<Record<string, number | string | boolean>> {
  if (typeof value === 'number') return { [name]: value };
  const settings = Object.entries(value.settings ?? {});
  return Object.fromEntries([
    [name, value.name],
    ...settings.map(([key, setting]) => [`${name}.${key}`, setting] as const),
  ]);
}

function isSchedule(value: number | Schedule): value is Schedule {
  return typeof (value as Partial<Schedule> | null | undefined)?.valueAt === 'function';
}
