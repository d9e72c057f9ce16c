import { join } from 'node:path';
import { checkOptions } from '../../../core/checks.ts';
import { checkPath } from '../check-path.ts';
import { type Curve, drawCurves } from '../../../report/curves.ts';
import type { Callback } from '../../../training/callback.ts';
import { type Every, rhythm } from '../../../training/callbacks/every.ts';
import type { StepInfo } from '../../../training/step-info.ts';
import type { History } from '../../../training/history.ts';
import { writeFileWhole } from '../write-file.ts';
import { goOnWithout } from './go-on-without.ts';

/**
 * Settings of {@link trainingCurves}.
 *
 * @example Drawn once an epoch, where a run is long
 * ```ts
 * const options: TrainingCurvesOptions = { every: { epochs: 1 } };
 * await trainer.fit(dataset, { epochs: 1, batchSize: 32, callbacks: [trainingCurves('runs/a', options)] });
 * ```
 */
export interface TrainingCurvesOptions {
  /**
   * How often to draw anew; the end of a run is always drawn.
   *
   * @defaultValue `{ steps: 100 }`
   */
  readonly every?: Every | undefined;
}

/**
 * Draws the losses of all turns and the discriminator's accuracy over the steps, as `losses.svg` and `accuracy.svg`; the
 * accuracy on held-out samples as well, if `overfittingAlarm` measures it, and other metrics of a game as `metrics.svg`. Curves that cannot be written are left out, with a warning, and
 * training goes on.
 *
 * @param folder - Where to, as a path or a `file:` address; made where it is missing.
 * @param options - How often.
 * @returns The callback.
 * @throws RangeError where the folder's path is empty, or `every` is not one positive number of steps or epochs.
 *
 * @example
 * ```ts no-run
 * await trainer.fit(dataset, { epochs: 1, callbacks: [trainingCurves('runs/a')] });
 * ```
 */
export function trainingCurves(
  folder: string | URL,
  options: TrainingCurvesOptions = {},
): Callback {
  const action = 'draw training curves';
  checkOptions(action, options, ['every']);
  const path = checkPath(action, folder);
  const due = rhythm(action, options.every ?? { steps: 100 });
  return goOnWithout({
    onStepEnd: async (step, run) => {
      if (due.atStep(step.number)) await drawHistory(path, run.trainer.history);
    },
    onEpochEnd: async (epoch, run) => {
      if (due.atEpoch(epoch.number)) await drawHistory(path, run.trainer.history);
    },
    onTrainEnd: (_reason, run) => drawHistory(path, run.trainer.history),
  });
}

/** Weight of the past in the drawn lines: losses of a GAN jump from step to step. */
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
    valueLabel: 'share judged right',
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

/** What overfittingAlarm logs; nothing where none does. */
function heldOutCurves({ logged }: History): readonly Curve[] {
  const name = 'heldOut/accuracy/heldOut';
  const measured = logged.filter(({ values }) => name in values);
  if (measured.length === 0) return [];
  const steps = measured.map(({ step }) => step);
  return [
    { name: 'on held-out', steps, values: measured.map(({ values }) => values[name] ?? NaN) },
  ];
}
