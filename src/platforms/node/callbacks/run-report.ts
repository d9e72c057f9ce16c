import { join } from 'node:path';
import { checkPath } from '../check-path.ts';
import type { BackendReport } from '../../../backends/backend-report.ts';
import { checkOptions } from '../../../core/checks.ts';
import { stopwatch } from '../../../core/stopwatch.ts';
import { drawReport } from '../../../report/draw-report.ts';
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
  type ReportOptions,
  samplesOf,
  titleOf,
} from '../report/report-options.ts';
import { reasonOf, writeFileWhole } from '../write-file.ts';
import { goOnWithout } from './go-on-without.ts';

/**
 * Settings of {@link runReport}.
 *
 * @example Show what it ran on, and the command that goes on
 * ```ts
 * const backend = await useBackend(['wasm-train', 'cpu']);
 * const options: RunReportOptions = { backend, goOn: 'npm run train -- --resume runs/b' };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 256 }), { steps: 1, callbacks: [runReport('runs/b', options)] });
 * ```
 */
export interface RunReportOptions extends ReportOptions {
  /**
   * How often to write it, besides the beginning and the end of the run.
   *
   * @defaultValue so often that it takes less than 1 % of the time
   */
  readonly every?: Every | undefined;
  /**
   * What `useBackend` answered, to be shown whole: threads, and why others were refused.
   *
   * @defaultValue none; the page names the backend
   */
  readonly backend?: BackendReport | undefined;
}

/**
 * A callback that writes a report, and can be told what to warn of.
 *
 * @example Its path for the log, and the alarm's signs in the page
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
   * Shows a warning in the report, and prints it: give it to `collapseAlarm` as `onWarning`, and to `overfittingAlarm` as
   * `onAlarm`.
   *
   * @param seen - What an alarm saw, or a step and a message of your own.
   */
  readonly warn: (seen: ReportWarning | OverfittingRecord) => void;
}

/** Seconds between two writings, and how many times as long as a writing takes: less than 1 % of any training. */
const leastSeconds = 5;
const leastRatio = 150;

/**
 * Writes `report.html` as training goes on: one file to open in a browser, which loads nothing from anywhere.
 *
 * It shows at once whether the run goes well: state, time left, warnings with what to try, the latest samples; below them
 * every curve, all samples through time under a slider, metrics, timings, settings, what it ran on and how to go on. While
 * the run goes on the page looks again by itself.
 *
 * It is written when training begins and ends, and between, if `every` is not given, so that it takes less than 1 % of the time. Samples are
 * those that {@link sampleGrid} draws. A run that goes on from a checkpoint goes on in the same report.
 *
 * Put it last among the callbacks, so that it shows what the others have made. Where the disk fills up the page stays as it was,
 * with a warning on the console, and training goes on; one that cannot be written when the run begins ends it.
 *
 * @param folder - The folder of the run, as a path or a `file:` address, for `report.html`; made where it is missing.
 * @param options - Title, settings, metrics, the command that goes on.
 * @returns The callback.
 * @throws RangeError where the folder's path is empty.
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
  checkOptions(action, options, [
    ...['title', 'samples', 'settings', 'evaluations', 'goOn'],
    ...['backend', 'every'],
  ]);
  const due = options.every === undefined ? undefined : rhythm(action, options.every);
  const ofRun = checkPath(action, folder);
  const path = join(ofRun, 'report.html');
  const readPictures = pictureReader(samplesOf(action, ofRun, options));
  let sessions: ReportSession[] = [];
  let warnings: ReportWarning[] = [];
  let seen: readonly ReportWarning[] = [];
  let evaluations: readonly EvaluationRecord[] = [];
  let state: ReportData['state'] | undefined;
  let error: string | undefined;
  /** Since the run began, and since the last writing. */
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
      warnings,
      seen,
      goOn: options.goOn,
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
        }
        const failed = state === 'failed';
        if (failed)
          warnings.push({
            step,
            message: `it went on from here after it had failed: ${error ?? 'of an unknown error'}`,
          });
        if (isFirst || failed) {
          const startedAt = new Date().toISOString();
          sessions.push({ startedAt, fromStep: step, environment: environment(options.backend) });
        }
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

/** How long it takes from one time to the next, so that the page knows when to take a run for silent. */
function secondsBetween(every: Every, run: TrainRun, secondsPerStep: number): number {
  const { steps, epochs = 0, minutes } = every as Readonly<Partial<Record<string, number>>>;
  if (minutes !== undefined) return 60 * minutes + secondsPerStep;
  return (steps ?? epochs * (run.stepsPerEpoch ?? 1000)) * secondsPerStep;
}
