import type { TrainEndReason } from '../training/callback.ts';
import type { EvaluationRecord } from '../training/callbacks/evaluate-every.ts';
import type { LoggedInfo, StepInfo } from '../training/step-info.ts';

/** One start of the program that trained: where it began and what it ran on. */
export interface ReportSession {
  /** When it started, as ISO 8601. */
  readonly startedAt: string;
  /** Steps that had been made before; 0 for a new run. */
  readonly fromStep: number;
  /** What it ran on, by name: backend, versions, machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Something a reader of a report should know, and what to try.
 *
 * @example Warn in the page of what no alarm watches
 * ```ts
 * const report = runReport('runs/e');
 * const onStepEnd = ({ number, seconds }: StepInfo): void => {
 *   const warning: ReportWarning = { step: number, message: `the step took ${seconds} s: what else runs here?` };
 *   if (seconds > 60) report.warn(warning);
 * };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [{ onStepEnd }, report] });
 * ```
 */
export interface ReportWarning {
  /** After which step it was seen. */
  readonly step: number;
  /** What was seen, and what to try. */
  readonly message: string;
}

/** Samples of the generator at one time of the run. */
export interface ReportPicture {
  /** After which step they were drawn. */
  readonly step: number;
  /** The bytes of a PNG file, in base64. */
  readonly png: string;
  /** Which of several generators made them. */
  readonly generator?: string | undefined;
}

/** What {@link drawReport} shows: plain data. */
export interface ReportData {
  /** What the run is called. */
  readonly title: string;
  /** How the run ended, or that it goes on. */
  readonly state: 'running' | TrainEndReason;
  /** What the run failed of. */
  readonly error?: string | undefined;
  /** When this was written, as ISO 8601. */
  readonly writtenAt: string;
  /** In how many seconds a run that goes on writes again, at most. */
  readonly nextWithin?: number | undefined;
  /** The steps, in order; of a long run, fewer of the older ones. */
  readonly steps: readonly StepInfo[];
  /**
   * How long all steps took, in seconds.
   *
   * @defaultValue the sum over `steps`
   */
  readonly seconds?: number | undefined;
  /** What callbacks logged, in order. */
  readonly logged: readonly LoggedInfo[];
  /** Number of the last step to come, where it is known. */
  readonly lastStep?: number | undefined;
  /** How many minutes the run was given: its last step is planned then, and moves. */
  readonly minutes?: number | undefined;
  /** Steps in an epoch, where it is known. */
  readonly stepsPerEpoch?: number | undefined;
  /** How long a step takes by the clock, with all that happens between steps, in seconds. */
  readonly secondsPerStep?: number | undefined;
  /** Share of the time, 0…1, that went into writing this. */
  readonly ownShare?: number | undefined;
  /** Settings by name. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Each start of the program, in order. */
  readonly sessions: readonly ReportSession[];
  /** Samples through time, in order. */
  readonly pictures: readonly ReportPicture[];
  /** How many pictures there are beside those shown. */
  readonly picturesLeftOut?: number | undefined;
  /** What the metrics said, in order. */
  readonly evaluations: readonly EvaluationRecord[];
  /** What was warned of, in order. What the steps themselves show is added. */
  readonly warnings: readonly ReportWarning[];
  /** What earlier writings found in steps that may have been thinned out since. */
  readonly seen?: readonly ReportWarning[] | undefined;
  /** How to go on with the run: a command. */
  readonly goOn?: string | undefined;
}
