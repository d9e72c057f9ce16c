import { join } from 'node:path';
import type { BackendReport } from '../../backends/backend-report.ts';
import { TrainingDivergedError } from '../../core/errors.ts';
import { encodeCsv } from '../../data/table/encode-csv.ts';
import { TableGenerator } from '../../models/table/table-generator.ts';
import { isPicture } from '../../io/picture.ts';
import { pictureScale } from '../../platforms/node/callbacks/grid-samples.ts';
import { progress } from '../../platforms/node/callbacks/progress.ts';
import { runFolder } from '../../platforms/node/callbacks/run-folder.ts';
import { stopOnInterrupt } from '../../platforms/node/stop-on-interrupt.ts';
import { writeFileWhole } from '../../platforms/node/write-file.ts';
import type { Callback } from '../../training/callback.ts';
import type { Output } from '../output.ts';
import { savePicture } from '../samples/save-picture.ts';
import type { BuiltRun } from './build-run.ts';
import type { FitEnd } from './run-end.ts';
import { quoted } from './run-folder.ts';
import type { RunSettings } from './run-settings.ts';

/** Exit code of a run that diverged, or that an alarm stopped. */
const diverged = 3;

/** Rows, or samples, that a run shows at its end. */
const shownRows = 1000;

/** What a run is trained with. */
export interface FitRequest {
  readonly folder: string;
  readonly settings: RunSettings;
  readonly end: FitEnd;
  readonly backend: BackendReport;
  readonly output: Output;
}

/** How this part of a run ended. */
export interface FitOutcome {
  readonly state: 'done' | 'diverged' | 'interrupted' | 'stopped';
  readonly failure?: TrainingDivergedError | undefined;
  /** The alarm that stopped it. */
  readonly alarm?: string | undefined;
}

/**
 * Trains until the end, a signal or an alarm, and leaves the run's files in its folder.
 *
 * @returns The exit code: 3 if it diverged or an alarm stopped it; undefined if it is done, or a
 *   signal has set one.
 */
export async function fitRun(run: BuiltRun, request: FitRequest): Promise<number | undefined> {
  const { folder, output } = request;
  const resumeCommand = `npx tfjs-gan resume ${quoted(folder)}`;
  // Only now: before, Ctrl-C ends the program at once.
  const signal = stopOnInterrupt();
  const { state, failure, alarm } = await trainRun(run, request, { signal, resumeCommand });
  const samples = await saveSamples(folder, run.generator);
  const { step, epoch } = run.trainer;
  const files = [
    [`${folder}/report.html`, 'the run on one page: open it in a browser'],
    ...(samples === undefined ? [] : [[samples, 'new samples']]),
    [`${folder}/generator/`, `for npx tfjs-gan sample ${quoted(folder)}`],
    [`${folder}/checkpoints/`, `to continue: ${resumeCommand}`],
  ] as [string, string][];
  output.result(
    { event: 'done', state, step, epoch, folder, samples },
    summary(state, step, files),
  );
  if (failure !== undefined) throw failure;
  if (alarm === undefined) return undefined;
  output.note(`Stopped by an alarm: ${alarm}`);
  return diverged;
}

/** Trains until the end, a signal, an alarm or a step, and saves the generator. */
export async function trainRun(
  run: BuiltRun,
  { folder, settings, end, backend, output }: FitRequest,
  {
    signal,
    resumeCommand,
    title,
    pauseAt,
  }: {
    readonly signal: AbortSignal;
    readonly resumeCommand: string;
    /** Title of the report; the name of the folder by default. */
    readonly title?: string;
    /** The step after which it ends early, with schedules as planned for the whole run. */
    readonly pauseAt?: number | undefined;
  },
): Promise<FitOutcome> {
  const { preset, augment, batchSize, stopOnAlarm } = settings;
  const shown = { data: run.dataset.name, preset, augment };
  let alarm: string | undefined;
  const files = runFolder(folder, {
    report: { title, backend, settings: shown, resumeCommand },
    onWarning: ({ step, message }, running) => {
      output.event({ event: 'warning', step, message });
      if (!stopOnAlarm) return;
      alarm = message;
      running.stop();
    },
  });
  let failure: TrainingDivergedError | undefined;
  try {
    await run.trainer.fit(run.dataset, {
      ...end,
      batchSize,
      signal,
      callbacks: [
        ...(output.quiet ? [] : [progress({ stream: output.stderr, every: { minutes: 1 } })]),
        ...(output.json ? [eventOfSteps(output)] : []),
        ...(pauseAt === undefined ? [] : [stopAt(pauseAt)]),
        ...files,
      ],
    });
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    failure = error;
  }
  const state =
    failure !== undefined
      ? 'diverged'
      : signal.aborted
        ? 'interrupted'
        : alarm === undefined
          ? 'done'
          : 'stopped';
  return { state, failure, alarm };
}

function stopAt(step: number): Callback {
  return {
    onStepEnd: ({ number }, running) => {
      if (number >= step) running.stop();
    },
  };
}

function summary(
  state: string,
  step: number,
  files: readonly (readonly [string, string])[],
): string {
  const width = Math.max(...files.map(([name]) => name.length));
  const lines = files.map(([name, what]) => `  ${name.padEnd(width)}  ${what}`);
  const title = `${state.charAt(0).toUpperCase()}${state.slice(1)} after ${step} steps`;
  return [title, ...lines].join('\n');
}

/** One line of JSON a second at most, and one for the last step. */
function eventOfSteps(output: Output): Callback {
  let last = -Infinity;
  return {
    onStepEnd: ({ number, epoch, losses, metrics }, { lastStep }) => {
      const now = performance.now();
      if (now - last < 1000 && number !== lastStep) return;
      last = now;
      output.event({ event: 'step', step: number, of: lastStep, epoch, losses, metrics });
    },
  };
}

/**
 * Saves samples of the trained generator; none of one whose samples are neither pictures nor rows.
 */
async function saveSamples(
  folder: string,
  generator: BuiltRun['generator'],
): Promise<string | undefined> {
  if (generator instanceof TableGenerator) {
    const file = join(folder, 'samples.csv');
    await writeFileWhole(
      'save samples',
      file,
      encodeCsv(await generator.sample(shownRows, { seed: 7 })),
    );
    return file;
  }
  if (!isPicture(generator.outputShape)) return undefined;
  const file = join(folder, 'samples.png');
  await savePicture(file, generator, {
    count: undefined,
    seed: 7,
    scale: pictureScale(generator.outputShape),
  });
  return file;
}
