import { join } from 'node:path';
import { checkOptions } from '../../../core/checks.ts';
import { TrainingDivergedError } from '../../../core/errors.ts';
import type { Callback, TrainRun } from '../../../training/callback.ts';
import { checkpoint } from '../../../training/callbacks/checkpoint.ts';
import {
  collapseAlarm,
  type CollapseAlarmOptions,
} from '../../../training/callbacks/collapse-alarm.ts';
import { type Every, rhythm, whenDue } from '../../../training/callbacks/every.ts';
import { shownGenerators } from '../../../training/callbacks/shown-generators.ts';
import { checkPath } from '../check-path.ts';
import { directoryStore } from '../checkpoints/directory-store.ts';
import { fileHandler } from '../file-handler.ts';
import { pictureGenerators, pictureScale, pointGenerators } from './grid-samples.ts';
import { historyFile } from './history-file.ts';
import { runReport, type RunReportOptions } from './run-report.ts';
import { sampleGrid } from './sample-grid.ts';
import { samplePoints } from './sample-points.ts';
import { trainingCurves } from './training-curves.ts';

/**
 * Writes all that a run leaves into its folder, as `npx tfjs-gan train` does. `npx tfjs-gan sample`,
 * `grid`, `evaluate`, `export` and `serve` accept the folder of a run with one generator of samples
 * or of a table.
 *
 * The callbacks are {@link sampleGrid} or {@link samplePoints}, {@link historyFile},
 * {@link trainingCurves}, {@link checkpoint}, {@link collapseAlarm} and {@link runReport}. The
 * generator is saved in `generator/` each minute and at the end of the run, also if it diverged: the
 * networks are then those before the failed step. To continue the run, restore the folder first.
 *
 * @param folder - The folder of the run, as a path or a `file:` address; created if it does not
 * exist.
 * @param options - How often to draw, the report, and what to do when the networks no longer learn.
 * @returns The callbacks, in the order in which they must be called.
 * @throws RangeError if the folder's path is empty or `every` is not one positive number.
 *
 * @example A run of ten minutes that Ctrl-C ends, and that continues when it is started again
 * ```ts no-run
 * await trainer.restore(directoryStore('runs/a'));
 * await trainer.fit(dataset, {
 *   minutes: 10,
 *   signal: stopOnInterrupt(),
 *   callbacks: [progress(), ...runFolder('runs/a')],
 * });
 * ```
 */
export function runFolder(
  folder: string | URL,
  options: {
    /**
     * How often to draw samples, if they are images or points in the plane.
     *
     * @defaultValue about twenty times in a run; after each epoch if its length is unknown
     */
    readonly every?: Every | undefined;
    /**
     * Settings of the report page.
     *
     * @defaultValue `{}`
     */
    readonly report?: RunReportOptions | undefined;
    /**
     * Called with each warning of {@link collapseAlarm}, which the report shows as well. Call
     * `run.stop()` to end the run.
     *
     * @defaultValue none
     */
    readonly onWarning?: CollapseAlarmOptions['onWarning'];
  } = {},
): readonly Callback[] {
  const action = 'write a run';
  checkOptions(action, options, ['every', 'report', 'onWarning']);
  const path = checkPath(action, folder);
  const { every, onWarning } = options;
  if (every !== undefined) rhythm(action, every);
  const report = runReport(path, options.report);
  const save = async ({ trainer }: TrainRun): Promise<void> => {
    for (const { name = '', generator } of shownGenerators(trainer)) {
      await generator.save(fileHandler(join(path, 'generator', encodeURIComponent(name))));
    }
  };
  const checkpoints = checkpoint(directoryStore(path));
  // Nothing may be written into the folder of another run.
  let isClaimed = false;
  const ifClaimed = (callback: Callback): Callback => ({
    ...callback,
    onTrainEnd: async (...end) => {
      if (isClaimed) await callback.onTrainEnd?.(...end);
    },
  });
  return [
    {
      onTrainBegin: async (run) => {
        isClaimed = false;
        await checkpoints.onTrainBegin?.(run);
        isClaimed = true;
      },
    },
    drawSamples(join(path, 'samples'), every),
    historyFile(join(path, 'history.jsonl')),
    ifClaimed(trainingCurves(path)),
    { ...checkpoints, onTrainBegin: () => undefined },
    ifClaimed({
      ...whenDue(rhythm(action, { minutes: 1 }), save),
      onTrainEnd: async (reason, run, error) => {
        // Any other failure may be that of a run that could not begin.
        if (reason !== 'failed' || error instanceof TrainingDivergedError) await save(run);
      },
    }),
    collapseAlarm({
      onWarning: (warning, run) => {
        report.warn(warning);
        return onWarning?.(warning, run);
      },
    }),
    ifClaimed(report),
  ];
}

/** Images or points, whichever the samples are. */
function drawSamples(folder: string, requested: Every | undefined): Callback {
  let drawing: Callback = {};
  return {
    onTrainBegin: async (run) => {
      const every = requested ?? twentyTimes(run);
      const [picture] = pictureGenerators(run.trainer);
      if (picture !== undefined) {
        drawing = sampleGrid(folder, { every, scale: pictureScale(picture.generator.outputShape) });
      } else if (pointGenerators(run.trainer).length > 0) {
        drawing = samplePoints(folder, { every });
      }
      await drawing.onTrainBegin?.(run);
    },
    onStepEnd: (step, run) => drawing.onStepEnd?.(step, run),
    onEpochEnd: (epoch, run) => drawing.onEpochEnd?.(epoch, run),
  };
}

function twentyTimes({ minutes, lastStep, trainer }: TrainRun): Every {
  if (minutes !== undefined) return { minutes: Math.max(minutes / 20, 0.1) };
  if (lastStep === undefined) return { epochs: 1 };
  return { steps: Math.max(1, Math.floor((lastStep - trainer.step) / 20)) };
}
