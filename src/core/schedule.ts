/** How far training is: counts only, so that nothing depends on what was computed, and a restored run repeats it. */
export interface TrainingProgress {
  /** Number of the step over the trainer's life, from 1. */
  readonly step: number;
  /** Real samples used before this step. */
  readonly samples: number;
  /** Number of the last step of the run, if it is known; a run that is bound by time plans one. */
  readonly plannedSteps?: number | undefined;
}

/** How far training is in one update. */
export interface UpdateProgress extends TrainingProgress {
  /**
   * Number of this update over the trainer's life, from 1: of the turn in its terms, of the network in its optimizer. Larger
   * than `step` if there are several in a step.
   */
  readonly update: number;
}

/**
 * A number that changes during training: a learning rate, the weight of a term, γ, β₂, a temperature, the half-life of an
 * average, a probability.
 *
 * A schedule is a rule without memory: the counts alone decide, so an interrupted and restored run continues with the
 * numbers it would have had.
 */
export interface Schedule {
  /** Its name, for reports and snapshots. */
  readonly name: string;
  /** Its settings, for reports and to tell whether a snapshot fits. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * The number for one update.
   *
   * @param progress - How far training is.
   * @returns A finite number.
   */
  valueAt(progress: UpdateProgress): number;
}

/**
 * The value of a number that may change.
 *
 * @param value - A number or a schedule.
 * @param progress - How far training is, such as `pass.progress`.
 * @returns The number for this update.
 */
export function valueAt(value: number | Schedule, progress: UpdateProgress): number {
  return typeof value === 'number' ? value : value.valueAt(progress);
}
