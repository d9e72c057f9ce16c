import { join } from 'node:path';
import { checkPath } from '../check-path.ts';
import type { BackendReport } from '../../../backends/backend-report.ts';
import { checkOptions } from '../../../core/checks.ts';
import { stopwatch } from '../../../core/stopwatch.ts';
import { drawReport } from '../../../report/draw-report.ts';
import { outlineNetworks } from '../../../report/network-outline.ts';
import { historyWarnings } from '../../../report/page/history-warnings.ts';
import type { ReportData, ReportSession, ReportWarning } from '../../../report/report-data.ts';
import type { Callback, TrainRun } from '../../../training/callback.ts';
import {
  overfittingMessage,
  type OverfittingRecord,
} from '../../../training/callbacks/overfitting-alarm.ts';
import { type Every, rhythm } from '../../../training/callbacks/every.ts';
import type { EvaluationRecord } from '../../../training/callbacks/evaluate-every.ts';
import { environment } from '../report/environment.ts';
import { formerReport } from '../report/former-report.ts';
import { pictureReader } from '../report/read-pictures.ts';
import {
  given,
  mergedEvaluations,
  reportNames,
  type ReportOptions,
  samplesOf,
  titleOf,
} from '../report/report-options.ts';
import { reasonOf, writeFileWhole } from '../write-file.ts';
import { goOnWithout } from './go-on-without.ts';

/**
 * Settings of {@link runReport}.
 *
 * @example Show the environment, and the command that continues the run
 * ```ts
 * const backend = await useBackend(['wasm-train', 'cpu']);
 * const options: RunReportOptions = { backend, resumeCommand: 'npm run train -- --resume runs/b' };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 256 }), { steps: 1, callbacks: [runReport('runs/b', options)] });
 * ```
 */
export interface RunReportOptions extends ReportOptions {
  /**
   * How often to write, besides the beginning and the end of the run.
   *
   * @defaultValue as often as takes less than 1 % of the time
   */
  readonly every?: Every | undefined;
  /**
   * The result of `useBackend`, shown with threads and the reasons why other backends were refused.
   *
   * @defaultValue none; the page names the backend
   */
  readonly backend?: BackendReport | undefined;
}

/**
 * A callback that writes a report and accepts warnings.
 *
 * @example Log its path, and show warnings of the alarm in the page
 * ```ts
 * const report: RunReport = runReport('runs/a');
 * console.log(`open ${report.path} in a browser`);
 * const callbacks = [collapseAlarm({ onWarning: report.warn }), report];
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks });
 * ```
 */
export interface RunReport extends Callback {
  /** The file it writes. */
  readonly path: string;
  /**
   * Shows a warning in the report, and prints it: pass it to `collapseAlarm` as `onWarning`, and to
   * `overfittingAlarm` as `onAlarm`.
   *
   * @param seen - The warning of an alarm, or a step and your own message.
   */
  readonly warn: (seen: ReportWarning | OverfittingRecord) => void;
}

/**
 * Minimum seconds between writes, and minimum ratio to the duration of a write: less than 1 % of
 * the time.
 */
const leastSeconds = 5;
const leastRatio = 150;

/**
 * Writes `report.html` during training: one self-contained file to open in a browser.
 *
 * The top shows whether the run is healthy: state, remaining time, warnings with what to try, the
 * latest samples. Below are all curves, all samples over time with a slider, metrics, durations,
 * settings, the environment and how to continue. During the run the page reloads by itself.
 *
 * It is written when training begins and ends, and in between, unless `every` is given, as often as
 * takes less than 1 % of the time. The samples are the images that {@link sampleGrid} draws. A run
 * that is resumed from a checkpoint continues the same report.
 *
 * Put it last among the callbacks, so that it shows their results. If the disk is full, the page is
 * not updated, a warning is printed, and training continues; if the page cannot be written when the
 * run begins, the run ends.
 *
 * @param folder - The folder of the run, as a path or a `file:` address, for `report.html`; created
 * if it does not exist.
 * @param options - Title, settings, metrics, the command that continues the run.
 * @returns The callback.
 * @throws RangeError if the folder's path is empty.
 *
 * @example Everything about a run in one page
 * ```ts no-run
 * const judge = evaluateEvery({ epochs: 1 }, { features: mnistFeatures(), samples: 2000 });
 * const report = runReport('runs/a', { evaluations: judge, backend: await useBackend('auto') });
 * await trainer.fit(dataset, {
 *   epochs: 5,
 *   callbacks: [judge, sampleGrid('runs/a/samples'), collapseAlarm({ onWarning: report.warn }), report],
 * });
 * ```
 */
export function runReport(folder: string | URL, options: RunReportOptions = {}): RunReport {
  const action = 'write the report';
  checkOptions(action, options, [...reportNames, 'backend', 'every']);
  const due = options.every === undefined ? undefined : rhythm(action, options.every);
  const ofRun = checkPath(action, folder);
  const path = join(ofRun, 'report.html');
  const readPictures = pictureReader(samplesOf(action, ofRun, options));
  let sessions: ReportSession[] = [];
  let warnings: ReportWarning[] = [];
  let seen: readonly ReportWarning[] = [];
  let evaluations: readonly EvaluationRecord[] = [];
  let { floor }: Pick<ReportData, 'floor'> = options;
  let networks: ReportData['networks'];
  let state: ReportData['state'] | undefined;
  let error: string | undefined;
  /** Stopwatches since the beginning of the run and since the last write. */
  let [sinceBegin, sinceWriting] = [stopwatch(), stopwatch()];
  let [firstStep, writingSeconds, lastWriting] = [0, 0, 0];

  const interval = (): number => Math.max(leastSeconds, leastRatio * lastWriting);
  const nextWithin = (run: TrainRun, secondsPerStep: number): number =>
    options.every === undefined
      ? interval() + secondsPerStep
      : secondsBetween(options.every, run, secondsPerStep);
  const write = async (run: TrainRun): Promise<void> => {
    const took = stopwatch();
    const { step, history, configuration } = run.trainer;
    const elapsed = sinceBegin();
    const made = step - firstStep;
    evaluations = mergedEvaluations(evaluations, options.evaluations?.records);
    seen = historyWarnings(history.steps, seen);
    const html = drawReport({
      title: titleOf(ofRun, options),
      state: state ?? 'running',
      error,
      writtenAt: new Date().toISOString(),
      nextWithin: nextWithin(run, made > 0 ? elapsed / made : 60),
      steps: history.steps,
      seconds: history.seconds,
      logged: history.logged,
      lastStep: run.lastStep,
      minutes: run.minutes,
      stepsPerEpoch: run.stepsPerEpoch,
      secondsPerStep: made > 0 ? elapsed / made : undefined,
      ownShare: made > 0 ? writingSeconds / elapsed : undefined,
      settings: {
        dataset: run.dataset.name,
        batchSize: run.batchSize,
        ...configuration,
        ...given(options.settings),
      },
      sessions,
      ...(await readPictures(step)),
      evaluations: evaluations.filter((record) => record.step <= step),
      floor,
      networks,
      warnings,
      seen,
      resumeCommand: options.resumeCommand,
    });
    await writeFileWhole('write the report', path, html);
    lastWriting = took();
    writingSeconds += lastWriting;
    sinceWriting = stopwatch();
  };
  return {
    path,
    warn: (sign) => {
      const message = 'message' in sign ? sign.message : overfittingMessage(sign);
      warnings.push({ step: sign.step, message });
      console.warn(`tfjs-gan: at step ${sign.step} ${message}`);
    },
    ...goOnWithout({
      onTrainBegin: async (run) => {
        const { step } = run.trainer;
        const isFirst = state === undefined;
        const former = isFirst && step > 0 ? await formerReport(path) : undefined;
        if (former !== undefined) {
          ({ state, error } = former);
          sessions = [...former.sessions];
          warnings = [...former.warnings, ...warnings].filter((warning) => warning.step <= step);
          seen = (former.seen ?? []).filter((warning) => warning.step <= step);
          evaluations = former.evaluations.filter((record) => record.step <= step);
          floor ??= former.floor;
        }
        const failed = state === 'failed';
        if (failed)
          warnings.push({
            step,
            message: `continued from here after a failure: ${error ?? 'of an unknown error'}`,
          });
        if (isFirst || failed) {
          const startedAt = new Date().toISOString();
          sessions.push({ startedAt, fromStep: step, environment: environment(options.backend) });
        }
        networks = outlineNetworks(run.trainer.game.networks);
        [state, error] = ['running', undefined];
        [firstStep, writingSeconds] = [step, 0];
        sinceBegin = stopwatch();
        await write(run);
      },
      onStepEnd: async (step, run) => {
        if (due?.atStep(step.number) ?? sinceWriting() >= interval()) await write(run);
      },
      onEpochEnd: async (epoch, run) => {
        if (due?.atEpoch(epoch.number) === true) await write(run);
      },
      onTrainEnd: async (reason, run, failure) => {
        state = reason;
        error = failure === undefined ? undefined : reasonOf(failure);
        await write(run);
      },
    }),
  };
}

/** The interval between writes, from which the page knows when a run is silent for too long. */
function secondsBetween(every: Every, run: TrainRun, secondsPerStep: number): number {
  const { steps, epochs = 0, minutes } = every as Readonly<Partial<Record<string, number>>>;
  if (minutes !== undefined) return 60 * minutes + secondsPerStep;
  return (steps ?? epochs * (run.stepsPerEpoch ?? 1000)) * secondsPerStep;
}
