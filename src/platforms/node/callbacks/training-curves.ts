import { join } from 'node:path';
import { checkOptions } from '../../../core/checks.ts';
import { checkPath } from '../check-path.ts';
import { type Curve, drawCurves } from '../../../report/curves.ts';
import type { Callback, TrainRun } from '../../../training/callback.ts';
import { type Every, rhythm, whenDue } from '../../../training/callbacks/every.ts';
import type { StepInfo } from '../../../training/step-info.ts';
import type { History } from '../../../training/history.ts';
import { writeFileWhole } from '../write-file.ts';
import { goOnWithout } from './go-on-without.ts';

/**
 * Draws the losses of all turns and the discriminator's accuracy over the steps, as `losses.svg`
 * and `accuracy.svg`; also the accuracy on held-out samples, if `overfittingAlarm` measures it, and
 * other metrics of a game as `metrics.svg`. Curves that cannot be written are skipped, with a
 * warning, and training continues.
 *
 * @param folder - The folder, as a path or a `file:` address; created if it does not exist.
 * @param options - How often.
 * @returns The callback.
 * @throws RangeError if the folder's path is empty, or `every` is not one positive number of steps
 * or epochs.
 *
 * @example
 * ```ts no-run
 * await trainer.fit(dataset, { epochs: 1, callbacks: [trainingCurves('runs/a')] });
 * ```
 */
export function trainingCurves(
  folder: string | URL,
  options: {
    /**
     * How often to redraw; the end of a run is always drawn.
     *
     * @defaultValue `{ steps: 100 }`
     */
    readonly every?: Every | undefined;
  } = {},
): Callback {
  const action = 'draw training curves';
  checkOptions(action, options, ['every']);
  const path = checkPath(action, folder);
  const due = rhythm(action, options.every ?? { steps: 100 });
  const draw = (run: TrainRun): Promise<void> => drawHistory(path, run.trainer.history);
  return goOnWithout({ ...whenDue(due, draw), onTrainEnd: (_reason, run) => draw(run) });
}

/** Smoothing of the lines: losses of a GAN vary strongly from step to step. */
const smoothing = 0.9;

async function drawHistory(folder: string, history: History): Promise<void> {
  const draw = (file: string, curves: readonly Curve[], titles: Titles): Promise<void> =>
    writeFileWhole(
      'draw training curves',
      join(folder, file),
      drawCurves(curves, { ...titles, smoothing }),
    );
  const losses = curvesByName(history, ({ losses: byTurn }) => byTurn);
  await draw('losses.svg', losses, { title: 'Losses', valueLabel: 'loss' });
  const metrics = curvesByName(history, ({ metrics: all }) => all);
  const accuracy = metrics
    .filter(({ name }) => name.startsWith('accuracy/'))
    .map((curve) => ({ ...curve, name: curve.name.replace('accuracy/', 'on ') }));
  const judged = [...accuracy, ...heldOutCurves(history)];
  const accuracyTitles = {
    title: "The discriminator's accuracy",
    valueLabel: 'accuracy',
  };
  if (judged.length > 0) await draw('accuracy.svg', judged, accuracyTitles);
  const others = metrics.filter(({ name }) => !name.startsWith('accuracy/'));
  const titles = { title: 'Metrics of the game', valueLabel: 'value' };
  if (others.length > 0) await draw('metrics.svg', others, titles);
}

interface Titles {
  readonly title: string;
  readonly valueLabel: string;
}

/** A curve for each name, through the steps that have it. */
function curvesByName(
  { steps }: History,
  read: (step: StepInfo) => Readonly<Record<string, number>>,
): readonly Curve[] {
  const names = [...new Set(steps.flatMap((step) => Object.keys(read(step))))];
  return names.map((name) => {
    const taken = steps.filter((step) => name in read(step));
    return {
      name,
      steps: taken.map(({ number }) => number),
      values: taken.map((step) => read(step)[name]!),
    };
  });
}

/** The numbers that overfittingAlarm logs, if it is used. */
function heldOutCurves({ logged }: History): readonly Curve[] {
  const name = 'heldOut/accuracy/heldOut';
  const measured = logged.filter(({ values }) => name in values);
  if (measured.length === 0) return [];
  const steps = measured.map(({ step }) => step);
  return [
    { name: 'on held-out', steps, values: measured.map(({ values }) => values[name] ?? NaN) },
  ];
}
