import type { TrainEndReason } from '../training/callback.ts';
import type { EvaluationRecord } from '../training/callbacks/evaluate-every.ts';
import type { LoggedInfo, StepInfo } from '../training/step-info.ts';
import type { NetworkOutline } from './network-outline.ts';

/** One start of the program that trained: first step and environment. */
export interface ReportSession {
  /** When it started, as ISO 8601. */
  readonly startedAt: string;
  /** Number of earlier steps; 0 for a new run. */
  readonly fromStep: number;
  /** Its environment, by name: backend, versions, machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A warning in a report, and what to try.
 *
 * @example Add a warning of a custom check to the page
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
  /** The step after which it was detected. */
  readonly step: number;
  /** What was detected, and what to try. */
  readonly message: string;
}

/** Samples of the generator at one step of the run. */
export interface ReportPicture {
  /** The step after which they were drawn. */
  readonly step: number;
  /** The bytes of a PNG file, in base64. */
  readonly png: string;
  /** The name of the generator, if there are several. */
  readonly generator?: string | undefined;
}

/** Figures of real samples, by name. @internal */
export type ReportFloor = Pick<EvaluationRecord, 'figures' | 'samples' | 'seeds'>;

/** The content of {@link drawReport}, as plain data. */
export interface ReportData {
  /** Name of the run. */
  readonly title: string;
  /** Whether the run continues, or how it ended. */
  readonly state: 'running' | TrainEndReason;
  /** The error of a failed run. */
  readonly error?: string | undefined;
  /** When this was written, as ISO 8601. */
  readonly writtenAt: string;
  /** Maximum number of seconds until a running run writes again. */
  readonly nextWithin?: number | undefined;
  /** The steps, in order; fewer of the older ones in a long run. */
  readonly steps: readonly StepInfo[];
  /**
   * Duration of all steps, in seconds.
   *
   * @defaultValue the sum over `steps`
   */
  readonly seconds?: number | undefined;
  /** What callbacks logged, in order. */
  readonly logged: readonly LoggedInfo[];
  /** Number of the planned last step, if it is known. */
  readonly lastStep?: number | undefined;
  /** Duration of the run in minutes; its last step is then planned, and may change. */
  readonly minutes?: number | undefined;
  /** Steps in an epoch, if it is known. */
  readonly stepsPerEpoch?: number | undefined;
  /** Wall-clock time from step to step, including everything between steps, in seconds. */
  readonly secondsPerStep?: number | undefined;
  /** Share of the time, 0…1, that was spent writing the report. */
  readonly ownShare?: number | undefined;
  /** Settings by name. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Each start of the program, in order. */
  readonly sessions: readonly ReportSession[];
  /** Samples over time, in order. */
  readonly pictures: readonly ReportPicture[];
  /** Real samples in the layout of the generated ones: the bytes of a PNG file, in base64. */
  readonly realPicture?: string | undefined;
  /** Number of images that are not shown. */
  readonly picturesLeftOut?: number | undefined;
  /** The evaluations, in order. */
  readonly evaluations: readonly EvaluationRecord[];
  /** The metrics of other real samples: the limit for any generator. */
  readonly floor?: ReportFloor | undefined;
  /** The networks; unknown in old reports. */
  readonly networks?: readonly NetworkOutline[] | undefined;
  /** Warnings of callbacks, in order. Warnings found in the steps are added. */
  readonly warnings: readonly ReportWarning[];
  /**
   * Warnings that earlier versions of this report found in steps that may have been thinned out
   * since.
   */
  readonly seen?: readonly ReportWarning[] | undefined;
  /** The command that continues the run. */
  readonly resumeCommand?: string | undefined;
}
