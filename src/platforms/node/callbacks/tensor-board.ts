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
 * @example A long run of points: every tenth step, and no pictures
 * ```ts
 * const options: TensorBoardOptions = { every: { steps: 10 }, imagesEvery: 'never' };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 10, batchSize: 32, callbacks: [tensorBoard('runs/points', options)] });
 * ```
 */
export interface TensorBoardOptions {
  /**
   * How often to show the numbers of a step.
   *
   * @defaultValue `{ steps: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * How often to show samples; `'never'` where they are no pictures.
   *
   * @defaultValue `{ epochs: 1 }` for samples of 1 or 3 channels
   */
  readonly imagesEvery?: Every | 'never' | undefined;
  /**
   * How many samples a picture shows.
   *
   * @defaultValue `64`; for a generator that takes labels, whole rows of all classes, eight at most
   */
  readonly count?: number | undefined;
}

/**
 * Writes what TensorBoard shows: every number of a step, what other callbacks log, and samples from the same latents as
 * training goes on.
 *
 * Samples are laid out as {@link sampleGrid} does: a column for each class of a generator that takes labels. Those of several
 * generators are `samples/aToB` and so on.
 *
 * Each run adds a file of its own. Where it goes on from a checkpoint, TensorBoard hides what an earlier run showed of
 * later steps. To look: `tensorboard --logdir runs`. What does not fit on the disk is left out, with a warning, and training goes
 * on.
 *
 * @param folder - Where to, as a path or a `file:` address; made where it is missing.
 * @param options - How often, and how many samples.
 * @returns The callback.
 * @throws RangeError where the folder's path is empty or a number is out of range.
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

/** Tells apart the files of runs that begin in one second. */
let runs = 0;

/** Where a step stands, which is the axis and no curve. */
const places = ['number', 'epoch', 'stepInEpoch'];

/** Every number of a step, by the path that leads to it: `losses/generator`, `terms/discriminator/bce`, …; metrics by name. */
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
