import { type CoursePoint, shareAt } from '../../core/schedules/run-course.ts';
import { stopwatch } from '../../core/stopwatch.ts';
import type { TrainingPlan } from '../state/trainer-snapshot.ts';

/** Steps from which the first plan is made. */
const firstSteps = 20;

/** Share of the time after which it is made from fewer. */
const firstShare = 0.25;

/** Longest time between two looks at a plan, in seconds. */
const longestLook = 60;

/** Shortest one, as a share of the time: a look that changes the plan costs a checkpoint. */
const shortestLook = 0.02;

/** How much of the time left, or of all the time, a plan may leave unused. */
const unusedOfLeft = 0.05;
const unusedOfAll = 0.01;

/** What a {@link TimePlanner} starts from. @internal */
export interface TimePlannerStart {
  /** How long the run may take, in minutes. */
  readonly minutes: number;
  /** Steps made before it, over the trainer's life. */
  readonly step: number;
  /** Number of the step that is the last one at the latest. */
  readonly latestStep: number;
  /** What the data of the run are, as the plan of a snapshot says. */
  readonly pass: string;
  /** How long all steps before it took, in seconds. */
  readonly trainedSeconds: number;
  /** The plan of the run before it. */
  readonly former: TrainingPlan | undefined;
}

/**
 * Turns the minutes of a run into a number of steps.
 *
 * The first plan comes after 20 steps, or a quarter of the time. A minute later at the latest, and
 * at half of the time or the steps that were left, it is looked at again; one that still fits is
 * kept. The time of a step is that of the steps since the last look; callbacks, which are often
 * rare, count with their mean over the run.
 *
 * @internal
 */
export class TimePlanner {
  readonly #start: TimePlannerStart;
  readonly #seconds = stopwatch();
  readonly #total: number;
  #plan: TrainingPlan;
  #paused = 0;
  /**
   * Duration of steps in seconds, without callbacks and without the first step, which is often
   * slower than others.
   */
  #working = 0;
  /** When the first step ended. */
  #firstEnd = 0;
  /** Time of the last check of the plan, and the position of the run. */
  #look = { seconds: 0, step: 0, working: 0 };
  /** The latest duration of a step, without callbacks. */
  #pace = 0;

  constructor(start: TimePlannerStart) {
    this.#start = start;
    this.#total = 60 * start.minutes;
    this.#look = { ...this.#look, step: start.step };
    this.#plan = firstPlan(start);
  }

  /** The plan now: without a last step until there is a first one. */
  get plan(): TrainingPlan {
    return this.#plan;
  }

  /**
   * Looks at the plan after a step, if it is time.
   *
   * @param step - Its number over the trainer's life.
   * @param seconds - How long it took, without callbacks.
   * @returns Whether there is a new plan.
   */
  afterStep(step: number, seconds: number): boolean {
    const made = step - this.#start.step;
    const now = this.#now();
    if (made === 1) {
      this.#firstEnd = now;
      this.#look = { seconds: now, step, working: 0 };
      this.#pace = seconds;
      if (now < this.#total) return now >= firstShare * this.#total && this.#replan(step, now);
      return this.#endWith(step, now);
    }
    this.#working += seconds;
    const { lastStep } = this.#plan;
    if (step === lastStep) return false;
    const isDue =
      lastStep === undefined
        ? made >= firstSteps || now >= firstShare * this.#total
        : this.#isDue(step, lastStep, now);
    return isDue && this.#replan(step, now);
  }

  /**
   * Stops the clock, while someone holds the run.
   *
   * @returns Starts it again.
   */
  pause(): () => void {
    const seconds = stopwatch();
    return () => {
      this.#paused += seconds();
    };
  }

  #now(): number {
    return this.#seconds() - this.#paused;
  }

  /**
   * Whether to look at the plan: time or steps have halved, a minute went by, or there is time for
   * one more step only.
   */
  #isDue(step: number, lastStep: number, now: number): boolean {
    const { seconds, step: lookStep } = this.#look;
    if (2 * (step - lookStep) >= lastStep - lookStep) return true;
    const left = this.#total - seconds;
    const interval = Math.min(longestLook, Math.max(left / 2, shortestLook * this.#total));
    return now - seconds >= interval || now + 2 * this.#perStep(step, now) > this.#total;
  }

  /** How long a step takes by the clock: its own time of late, and the mean time of callbacks. */
  #perStep(step: number, now: number): number {
    const others = step - this.#start.step - 1;
    const since = step - this.#look.step;
    if (since > 0) this.#pace = (this.#working - this.#look.working) / since;
    const callbacks = others > 0 ? Math.max(0, now - this.#firstEnd - this.#working) / others : 0;
    // A coarse clock may see nothing go by.
    return Math.max(this.#pace + callbacks, 1e-6);
  }

  #replan(step: number, now: number): boolean {
    const { latestStep } = this.#start;
    const left = Math.max(0, this.#total - now);
    const perStep = this.#perStep(step, now);
    this.#look = { seconds: now, step, working: this.#working };
    const unused = Math.max(unusedOfLeft * left, unusedOfAll * this.#total);
    const { lastStep } = this.#plan;
    if (lastStep !== undefined) {
      const needed = perStep * (lastStep - step);
      const isLong = needed + unused >= left || lastStep === latestStep;
      if (needed <= left && isLong) return false;
    }
    // In the middle of what is kept, if that is a step away from the end.
    const spare = unused / 2 >= perStep ? unused / 2 : 0;
    const steps = Math.max(1, Math.floor((left - spare) / perStep));
    const planned = Math.min(step + steps, latestStep, Number.MAX_SAFE_INTEGER);
    if (planned === lastStep) return false;
    this.#setEnd(step, planned);
    return true;
  }

  /** Ends a run that had time for nothing but its first step. */
  #endWith(step: number, now: number): boolean {
    console.warn(
      `tfjs-gan: the first step ended ${Number(now.toPrecision(2))} seconds after the run began, which was to take ` +
        `${this.#start.minutes} minutes: the run ends with it, and schedules stay at their start. Train for more minutes`,
    );
    this.#plan = { ...this.#plan, until: { steps: step }, lastStep: step };
    return true;
  }

  #setEnd(step: number, lastStep: number): void {
    const { pass, points = [], ...former } = this.#plan;
    const point = { step, share: shareAt({ points, lastStep: former.lastStep }, step) };
    this.#plan = { lastStep, until: { steps: lastStep }, pass, points: [...points, point] };
  }
}

/**
 * What is known before the first step: an end if the run may have a few steps only, or as many as
 * the run before it had left, which it then repeats bit-for-bit.
 */
function firstPlan(start: TimePlannerStart): TrainingPlan {
  const { step, latestStep, pass, former } = start;
  const goesOn = former?.points !== undefined && former.lastStep === latestStep;
  if (goesOn && step < latestStep) return { ...former, pass };
  const plan = { until: {}, pass, points: pointsOf(start) };
  if (latestStep - step > firstSteps) return plan;
  return { ...plan, until: { steps: latestStep }, lastStep: latestStep };
}

/** Beginning of the share of the run: the end of the previous run, if that was not complete. */
function pointsOf({
  step,
  former,
  trainedSeconds,
  minutes,
}: TimePlannerStart): readonly CoursePoint[] {
  if (former !== undefined && step < (former.lastStep ?? Infinity)) {
    // Without points it had a fixed number of steps, of which the step after n has n behind it.
    const points = former.points ?? [{ step: 0, share: 0 }];
    return [...points, { step, share: shareAt({ points, lastStep: former.lastStep }, step) }];
  }
  const share = trainedSeconds / (trainedSeconds + 60 * minutes);
  return [{ step, share }];
}
