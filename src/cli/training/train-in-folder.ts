import { join } from 'node:path';
import { TrainingDivergedError } from '../../core/errors.ts';
import { historyFile } from '../../platforms/node/callbacks/history-file.ts';
import { runReport, type RunReportOptions } from '../../platforms/node/callbacks/run-report.ts';
import { trainingCurves } from '../../platforms/node/callbacks/training-curves.ts';
import { directoryStore } from '../../platforms/node/checkpoints/directory-store.ts';
import { fileHandler } from '../../platforms/node/file-handler.ts';
import { checkpoint } from '../../training/callbacks/checkpoint.ts';
import { collapseAlarm } from '../../training/callbacks/collapse-alarm.ts';
import type { CollapseWarning } from '../../training/callbacks/collapse-warnings.ts';
import { saveGenerator } from '../../training/callbacks/save-generator.ts';
import type { TrainOptions } from '../../training/loop/train-options.ts';
import type { BuiltRun } from './build-run.ts';

/** How a run is trained, and what its folder gets besides what every run leaves. */
export interface TrainRequest extends Omit<TrainOptions, 'callbacks' | 'signal'> {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly report: RunReportOptions;
  /** Called before those that write the files of the run. */
  readonly callbacks: NonNullable<TrainOptions['callbacks']>;
  /** Called with each warning that the networks no longer learn; returns whether to stop. */
  readonly onWarning?: (warning: CollapseWarning) => boolean;
}

/** How this part of a run ended. */
export interface FitOutcome {
  readonly state: 'done' | 'diverged' | 'interrupted' | 'stopped';
  readonly failure?: TrainingDivergedError | undefined;
  /** The alarm that stopped it. */
  readonly alarm?: string | undefined;
}

/**
 * Trains until the end, a signal, an alarm or a callback, and leaves in the folder what every run
 * has: history, curves, report, checkpoints and the generator.
 */
export async function trainInFolder(
  { trainer, dataset, generator }: Omit<BuiltRun, 'dispose'>,
  { folder, report: reportOptions, callbacks, onWarning, ...options }: TrainRequest,
): Promise<FitOutcome> {
  const report = runReport(folder, reportOptions);
  const saved = fileHandler(join(folder, 'generator'));
  let alarm: string | undefined;
  const watch = collapseAlarm({
    onWarning: (warning, running) => {
      report.warn(warning);
      if (onWarning?.(warning) !== true) return;
      alarm = warning.message;
      running.stop();
    },
  });
  let failure: TrainingDivergedError | undefined;
  try {
    await trainer.fit(dataset, {
      ...options,
      callbacks: [
        ...callbacks,
        historyFile(join(folder, 'history.jsonl')),
        trainingCurves(folder),
        checkpoint(directoryStore(folder)),
        saveGenerator(saved, { every: { minutes: 1 } }),
        watch,
        report,
      ],
    });
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    // The networks are back in their state before the failed step, so they are worth saving.
    failure = error;
  }
  await generator.save(saved);
  const state =
    failure !== undefined
      ? 'diverged'
      : options.signal.aborted
        ? 'interrupted'
        : alarm === undefined
          ? 'done'
          : 'stopped';
  return { state, failure, alarm };
}
