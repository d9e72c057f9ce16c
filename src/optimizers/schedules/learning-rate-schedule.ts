import { checkPart } from '../../core/check-part.ts';
import { checkNonNegativeInteger, checkPositive, checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';

/**
 * A learning rate that changes as training goes on.
 *
 * A schedule is a rule without memory: the number of the update decides, so a run that is interrupted and restored
 * goes on with the rates it would have had.
 *
 * @example A schedule of one's own
 * ```ts
 * const sawtooth: LearningRateSchedule = {
 *   name: 'sawtooth',
 *   settings: { rate: 2e-4, every: 1000 },
 *   rateAt: (update) => 2e-4 * (1 - ((update - 1) % 1000) / 1000),
 * };
 * const gan = createMlpGan({ sampleShape: [2], optimizers: { generator: adam({ learningRate: sawtooth }) } });
 * ```
 */
export interface LearningRateSchedule {
  /** What it is called, for reports and snapshots. */
  readonly name: string;
  /** Its settings, for reports and to tell whether a snapshot fits. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * The learning rate of one update.
   *
   * @param update - Number of the player's update over the trainer's life, from 1.
   * @returns A number of at least 0.
   */
  rateAt(update: number): number;
}

/** A schedule of this library, which answers for whole updates only. @internal */
export function makeSchedule(
  name: string,
  settings: NonNullable<LearningRateSchedule['settings']>,
  rateAt: (update: number) => number,
): LearningRateSchedule {
  return Object.freeze({
    name,
    settings: Object.freeze(settings),
    rateAt: (update: number): number => {
      checkPositiveInteger('give a learning rate', 'update', update);
      return rateAt(update);
    },
  });
}

/** Refuses what is neither a positive number nor a schedule that begins with a rate. @internal */
export function checkLearningRate(
  asked: string,
  rate: number | LearningRateSchedule,
  name = 'learningRate',
): void {
  if (typeof (rate as Partial<LearningRateSchedule> | null)?.rateAt === 'function') {
    const schedule = rate as LearningRateSchedule;
    checkPart(asked, name, schedule);
    learningRateAt(schedule, 1, asked);
    return;
  }
  if (typeof rate === 'number') {
    checkPositive(asked, name, rate);
    return;
  }
  throw new TypeError(
    `Cannot ${asked}: ${name} must be a positive number or a LearningRateSchedule, got ${formatValue(rate)}`,
  );
}

/** The learning rate of one update. @internal */
export function learningRateAt(
  rate: number | LearningRateSchedule,
  update: number,
  asked = 'train',
): number {
  if (typeof rate === 'number') return rate;
  const now = rate.rateAt(update);
  if (Number.isFinite(now) && now >= 0) return now;
  throw new RangeError(
    `Cannot ${asked}: the schedule '${rate.name}' must give a learning rate of at least 0, ` +
      `got ${formatValue(now)} for update ${update}`,
  );
}

/** A rate as flat settings under a name. @internal */
export function describeRate(
  name: string,
  rate: number | LearningRateSchedule,
): Readonly<Record<string, number | string | boolean>> {
  if (typeof rate === 'number') return { [name]: rate };
  const settings = Object.entries(rate.settings ?? {});
  return Object.fromEntries([
    [name, rate.name],
    ...settings.map(([key, value]) => [`${name}.${key}`, value] as const),
  ]);
}

/** A stretch of updates: the rate moves after the first `begin` of them and is at its end after `end`. @internal */
export interface Stretch {
  readonly begin: number;
  readonly end: number;
}

/** @internal */
export function checkStretch(asked: string, { begin, end }: Stretch): void {
  checkNonNegativeInteger(asked, 'begin', begin);
  checkNonNegativeInteger(asked, 'end', end);
  if (end > begin) return;
  throw new RangeError(
    `Cannot ${asked}: end must be larger than begin, got begin ${begin} and end ${end}`,
  );
}

/** How much of a stretch lies behind the start of an update, 0…1. @internal */
export function progressAt(update: number, { begin, end }: Stretch): number {
  return Math.min(1, Math.max(0, (update - 1 - begin) / (end - begin)));
}
