import { hostname } from 'node:os';
import { join } from 'node:path';
import { checkPath } from '../check-path.ts';
import { checkOptions, checkPositiveInteger } from '../../../core/checks.ts';
import { imageGrid } from '../../../io/image-grid.ts';
import type { Picture } from '../../../io/picture.ts';
import { encodeEvent, type TensorBoardEvent } from '../../../io/tensorboard-events.ts';
import type { Generator } from '../../../models/generator.ts';
import type { Callback, TrainRun } from '../../../training/callback.ts';
import { type Every, rhythm } from '../../../training/callbacks/every.ts';
import type { StepInfo } from '../../../training/step-info.ts';
import { AppendedFile } from '../appended-file.ts';
import { goOnWithout } from './go-on-without.ts';
import { type GridSamples, gridSampler, pictureGenerators } from './grid-samples.ts';

/**
 * Settings of {@link tensorBoard}.
 *
 * @example A long run on points: every tenth step, and no images
 * ```ts
 * const options: TensorBoardOptions = { every: { steps: 10 }, imagesEvery: 'never' };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 10, batchSize: 32, callbacks: [tensorBoard('runs/points', options)] });
 * ```
 */
export interface TensorBoardOptions {
  /**
   * How often to write the numbers of a step.
   *
   * @defaultValue `{ steps: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * How often to write samples; `'never'` if they are not images.
   *
   * @defaultValue `{ epochs: 1 }` for samples of 1 or 3 channels
   */
  readonly imagesEvery?: Every | 'never' | undefined;
  /**
   * Number of samples in an image.
   *
   * @defaultValue `64`; for a generator with labels, whole rows of all classes, at most eight
   */
  readonly count?: number | undefined;
}

/**
 * Writes TensorBoard logs: all numbers of a step, numbers that other callbacks log, and samples
 * from the same latents during training.
 *
 * Samples are laid out as by {@link sampleGrid}: a column for each class of a generator with
 * labels. Samples of several generators are named `samples/aToB` and so on.
 *
 * Each run adds its own file. If a run is resumed from a checkpoint, TensorBoard hides later steps
 * of the earlier run. View with `tensorboard --logdir runs`. Data that do not fit on the disk are
 * skipped, with a warning, and training continues.
 *
 * @param folder - The folder, as a path or a `file:` address; created if it does not exist.
 * @param options - How often, and how many samples.
 * @returns The callback.
 * @throws RangeError if the folder's path is empty or a number is out of range.
 *
 * @example
 * ```ts no-run
 * await trainer.fit(dataset, { epochs: 5, callbacks: [tensorBoard('runs/a')] });
 * ```
 */
export function tensorBoard(folder: string | URL, options: TensorBoardOptions = {}): Callback {
  const action = 'write for TensorBoard';
  checkOptions(action, options, ['every', 'imagesEvery', 'count']);
  const { every = { steps: 1 }, imagesEvery = { epochs: 1 }, count } = options;
  const path = checkPath(action, folder);
  if (count !== undefined) checkPositiveInteger(action, 'count', count);
  const samplesOf = gridSampler({ seed: 0, count, columns: undefined });
  const due = rhythm(action, every);
  const dueImages = imagesEvery === 'never' ? undefined : rhythm(action, imagesEvery);
  let file = new AppendedFile(action, path);

  const append = (event: Omit<TensorBoardEvent, 'seconds'>): Promise<void> =>
    file.append(encodeEvent({ seconds: Date.now() / 1000, ...event }));
  const show = async (step: StepInfo): Promise<void> => {
    await append({ step: step.number, scalars: scalarsOf(step) });
  };
  const draw = async ({ trainer, dataset }: TrainRun): Promise<void> => {
    const images: Record<string, Picture> = {};
    for (const { generator, name } of pictureGenerators(trainer)) {
      const tag = name === undefined ? 'samples' : `samples/${name}`;
      images[tag] = await drawn(generator, await samplesOf(generator, dataset));
    }
    if (Object.keys(images).length > 0) await append({ step: trainer.step, images });
  };
  return goOnWithout({
    onTrainBegin: async ({ trainer }) => {
      runs += 1;
      const name = `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${hostname()}.${process.pid}.${runs}`;
      file = new AppendedFile(action, join(path, name));
      await file.open();
      await append({ step: 0, fileVersion: 'brain.Event:2' });
      await append({ step: trainer.step + 1, isStart: true });
    },
    onStepEnd: async (step, run) => {
      if (due.atStep(step.number)) await show(step);
      if (dueImages?.atStep(step.number) === true) await draw(run);
    },
    onLog: async ({ step, values }) => {
      await append({ step, scalars: values });
    },
    onEpochEnd: async (epoch, run) => {
      const last = run.trainer.history.steps.at(-1);
      if (due.atEpoch(epoch.number) && last !== undefined) await show(last);
      if (dueImages?.atEpoch(epoch.number) === true) await draw(run);
    },
  });
}

/** Distinguishes the files of runs that begin in the same second. */
let runs = 0;

/** Position of a step: the axis, not a curve. */
const places = ['number', 'epoch', 'stepInEpoch'];

/**
 * All numbers of a step, by path: `losses/generator`, `terms/discriminator/bce`, …; metrics by
 * name.
 */
function scalarsOf(step: StepInfo): Record<string, number> {
  const scalars: [string, number][] = [];
  const walk = (part: object, path: string): void => {
    for (const [name, value] of Object.entries(part) as [string, unknown][]) {
      if (typeof value === 'number') scalars.push([`${path}${name}`, value]);
      else if (typeof value === 'object' && value !== null) walk(value, `${path}${name}/`);
    }
  };
  const { metrics, ...others } = step;
  walk(metrics, '');
  walk(others, '');
  return Object.fromEntries(scalars.filter(([tag]) => !places.includes(tag)));
}

async function drawn(
  { valueRange }: Generator,
  { samples, columns }: GridSamples,
): Promise<Picture> {
  try {
    const values = (await samples.data()) as ArrayLike<number>;
    return imageGrid(values, samples.shape, { valueRange, columns });
  } finally {
    samples.dispose();
  }
}
