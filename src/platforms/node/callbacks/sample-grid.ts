import { join } from 'node:path';
import { isPicture } from '../../../io/picture.ts';
import { checkPath } from '../check-path.ts';
import { checkOptions, checkPositiveInteger } from '../../../core/checks.ts';
import { formatShape } from '../../../core/format.ts';
import { rangeOf } from '../../../data/join.ts';
import { imageGrid, type ImageGridOptions } from '../../../io/image-grid.ts';
import { encodePng } from '../../../io/png.ts';
import type { Callback, TrainRun } from '../../../training/callback.ts';
import { type Every, rhythm, whenDue } from '../../../training/callbacks/every.ts';
import { shownGenerators } from '../../../training/callbacks/shown-generators.ts';
import type { RunningTrainer } from '../../../training/running-trainer.ts';
import { realPictureName } from '../report/read-pictures.ts';
import { saveImageGrid } from '../save-image-grid.ts';
import { writeFileWhole } from '../write-file.ts';
import { goOnWithout } from './go-on-without.ts';
import { gridSampler, isPoint, pictureFile, pictureGenerators } from './grid-samples.ts';
import { realSamples } from './real-samples.ts';

/**
 * Settings of {@link sampleGrid}.
 *
 * @example One row of eight samples, four times as large
 * ```ts
 * const options: SampleGridOptions = { every: { steps: 2 }, count: 8, columns: 8, scale: 4 };
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [sampleGrid('runs/a/rows', options)] });
 * ```
 */
export interface SampleGridOptions extends ImageGridOptions {
  /**
   * How often to draw.
   *
   * @defaultValue `{ epochs: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * Number of samples in an image.
   *
   * @defaultValue `64`; if each class has a column, whole rows of them, at most eight
   */
  readonly count?: number | undefined;
  /**
   * Samples in a row. If it is set, classes of a generator with labels are drawn, each with equal
   * probability.
   *
   * @defaultValue a column for each class of a generator with labels; otherwise a nearly square
   * grid
   */
  readonly columns?: number | undefined;
  /**
   * Determines the latents, which are the same in all images.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/**
 * Draws samples from the same latents during training, as images `step-000100.png`, …
 *
 * A generator with labels has a column for each class; a generator with other conditions receives
 * those of the first samples of the data. If the game has several generators, each has its own
 * images, `step-000100-aToB.png`.
 *
 * Samples must be images; use {@link samplePoints} for points in the plane.
 *
 * If the game has one generator, `real.png` shows as many real samples in the same layout, and the
 * report shows them next to the generated ones.
 *
 * The first image, `step-000000.png`, shows the untrained generator. An image that does not fit on
 * the disk later is skipped, with a warning, and training continues.
 *
 * @param folder - The folder, as a path or a `file:` address; created if it does not exist.
 * @param options - How often, how many samples, and the layout.
 * @returns The callback.
 * @throws RangeError if the folder's path is empty or a number is out of range; `fit` throws one if
 * no generator outputs images.
 *
 * @example An image after every 100 steps
 * ```ts no-run
 * const grids = sampleGrid('runs/a/samples', { every: { steps: 100 }, scale: 2 });
 * await trainer.fit(dataset, { epochs: 1, callbacks: [grids] });
 * ```
 */
export function sampleGrid(folder: string | URL, options: SampleGridOptions = {}): Callback {
  const action = 'draw sample grids';
  checkOptions(action, options, [
    ...['every', 'count', 'seed'],
    ...['columns', 'padding', 'background', 'scale', 'valueRange'],
  ]);
  const { every = { epochs: 1 }, count, columns, seed = 0, ...layout } = options;
  const path = checkPath(action, folder);
  const due = rhythm(action, every);
  if (count !== undefined) checkPositiveInteger(action, 'count', count);
  const samplesOf = gridSampler({ seed, count, columns });
  const draw = async ({ trainer, dataset }: TrainRun): Promise<void> => {
    for (const { generator, name } of pictureGenerators(trainer)) {
      const file = pictureFile(trainer.step, name);
      const { samples, columns: across } = await samplesOf(generator, dataset);
      try {
        const { valueRange } = generator;
        await saveImageGrid(join(path, file), samples, { valueRange, columns: across, ...layout });
      } finally {
        samples.dispose();
      }
    }
  };
  const drawReal = async ({ trainer, dataset }: TrainRun): Promise<void> => {
    const generators = shownGenerators(trainer);
    // With several generators, it is unknown which data each one imitates.
    if (generators.length > 1 || !isPicture(dataset.sampleShape)) return;
    const { generator } = generators[0]!;
    const { samples, columns: across } = await samplesOf(generator, dataset);
    samples.dispose();
    const wanted = { count: samples.shape[0], columns: across, byClass: columns === undefined };
    const real = await realSamples(dataset, wanted, seed);
    if (real === undefined) return;
    const { valueRange } = generator;
    const asked = { valueRange, columns: across, ...rangeOf(dataset), ...layout };
    const file = join(path, realPictureName);
    await writeFileWhole(action, file, encodePng(imageGrid(real.values, real.shape, asked)));
  };
  return goOnWithout({
    onTrainBegin: async (run) => {
      checkPictures(action, run.trainer);
      await drawReal(run);
      if (run.trainer.step === 0) await draw(run);
    },
    ...whenDue(due, draw),
  });
}

/** Refuses a game that generates no pictures before its first step. */
function checkPictures(action: string, trainer: RunningTrainer): void {
  if (pictureGenerators(trainer).length > 0) return;
  const shapes = shownGenerators(trainer).map(({ generator }) => generator.outputShape);
  const cure = shapes.some(isPoint)
    ? '. Points are drawn by samplePoints(folder) during training, and by savePoints(path, points)'
    : '';
  throw new RangeError(
    `Cannot ${action}: samples must have the shape [height, width, 1 or 3], got ${shapes.map(formatShape).join(' and ')}${cure}`,
  );
}
