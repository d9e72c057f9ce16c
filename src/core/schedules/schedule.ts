import type { RunCourse } from './run-course.ts';

/**
 * The progress of training: counts only, so that it depends on nothing computed, and a restored run
 * repeats it.
 *
 * @example The first half of a run
 * ```ts
 * const isFirstHalf = ({ step, plannedSteps = 0 }: TrainingProgress): boolean => step <= plannedSteps / 2;
 * console.log(isFirstHalf({ step: 50, samples: 49 * 64, plannedSteps: 100 })); // true
 * ```
 */
export interface TrainingProgress {
  /** Number of the step over the trainer's life, from 1. */
  readonly step: number;
  /** Real samples used before this step. */
  readonly samples: number;
  /**
   * Number of the last step of the run, if it is known. In a run of `minutes` it moves when the run
   * is planned anew.
   */
  readonly plannedSteps?: number | undefined;
  /**
   * How much of the run lies behind, 0…1, if its end is known: what a schedule that ends with the
   * run goes by.
   *
   * With a fixed number of steps it is (step − 1) / plannedSteps. In a run of `minutes` it stays
   * where it was until there is a first plan, then runs in a line to 1 in the planned last step; a
   * new plan bends the line and never breaks it.
   */
  readonly share?: number | undefined;
  /** The line of `share` in a run of `minutes`. @internal */
  readonly course?: RunCourse | undefined;
}

/**
 * The progress of training at one update.
 *
 * @example The input of a schedule
 * ```ts
 * const rate = linearDecay({ from: 2e-4, end: 100 });
 * const progress: UpdateProgress = { step: 51, update: 51, samples: 50 * 64 };
 * console.log(rate.valueAt(progress)); // 0.0001
 * ```
 */
export interface UpdateProgress extends TrainingProgress {
  /**
   * Number of this update over the trainer's life, from 1: of the turn in its terms, of the network
   * in its optimizer. Larger than `step` if there are several updates in a step.
   */
  readonly update: number;
}

/**
 * A number that changes during training: a learning rate, the weight of a term, γ, β₂, a
 * temperature, the half-life of an average, a probability.
 *
 * A schedule has no state: its value depends only on the counts, so an interrupted and restored run
 * continues with the same numbers.
 *
 * @example A custom schedule
 * ```ts
 * const sawtooth: Schedule = {
 *   name: 'sawtooth',
 *   settings: { rate: 2e-4, every: 1000 },
 *   valueAt: ({ update }) => 2e-4 * (1 - ((update - 1) % 1000) / 1000),
 * };
 * const gan = createMlpGan({ sampleShape: [2], optimizers: { generator: adam({ learningRate: sawtooth }) } });
 * ```
 */
export interface Schedule {
  /** Its name, for reports and snapshots. */
  readonly name: string;
  /** Its settings, for reports and for comparison with snapshots. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * The number for an update.
   *
   * @param progress - The progress of training.
   * @returns A finite number.
   */
  valueAt(progress: UpdateProgress): number;
}

/**
 * The value of a number that may be scheduled.
 *
 * @param value - A number or a schedule.
 * @param progress - The progress of training, such as `pass.progress`.
 * @returns The number for this update.
 *
 * @example A weight that rises over the first 1,000 steps
 * ```ts
 * const weight = warmup(10, { updates: 1000 });
 * console.log(valueAt(weight, { step: 250, update: 250, samples: 249 * 64 })); // 2.5
 * ```
 */
export function valueAt(value: number | Schedule, progress: UpdateProgress): number {
  return typeof value === 'number' ? value : value.valueAt(progress);
}
