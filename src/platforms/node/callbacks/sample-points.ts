import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  checkNonNegativeInteger,
  checkOptions,
  checkPositiveInteger,
} from '../../../core/checks.ts';
import { formatShape } from '../../../core/format.ts';
import { firstSamples, type FirstSamples } from '../../../data/first-samples.ts';
import { pointPlotNames, type PointsOptions } from '../../../io/point-plot.ts';
import type { Callback, TrainRun } from '../../../training/callback.ts';
import { type Every, rhythm, whenDue } from '../../../training/callbacks/every.ts';
import { shownGenerators } from '../../../training/callbacks/shown-generators.ts';
import { checkPath } from '../check-path.ts';
import { savePoints } from '../save-points.ts';
import { goOnWithout } from './go-on-without.ts';
import { gridSampler, isPoint, pictureFile, pointGenerators } from './grid-samples.ts';

/**
 * Settings of {@link samplePoints}.
 *
 * @example Smaller pictures of fewer points, every second step
 * ```ts
 * const options: SamplePointsOptions = { every: { steps: 2 }, count: 200, real: 200, width: 240 };
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 2, callbacks: [samplePoints('runs/ring/few', options)] });
 * ```
 */
export interface SamplePointsOptions extends Omit<PointsOptions, 'real'> {
  /**
   * How often to draw.
   *
   * @defaultValue `{ epochs: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * How many generated points a picture shows.
   *
   * @defaultValue `1000`
   */
  readonly count?: number | undefined;
  /**
   * How many points of the data are drawn under them; 0 for none.
   *
   * @defaultValue `1000`
   */
  readonly real?: number | undefined;
  /**
   * Seed of the latents and of the choice of real points; both are the same in every image.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/**
 * Draws 2-D samples as points in the plane, over points of the data, during training, as images
 * `step-000100.png`, …
 *
 * It is {@link sampleGrid} for points: the same latents each time, beginning with the untrained
 * generator. The report shows them over time.
 *
 * @param folder - The folder, as a path or a `file:` address; created if it does not exist.
 * @param options - How often, how many points, the part of the plane, size and colors.
 * @returns The callback.
 * @throws RangeError if the folder's path is empty or a number is out of range; `fit` throws one if
 * no generator outputs points.
 *
 * @example A report with points through time
 * ```ts
 * const points = samplePoints('runs/ring/samples', { every: { steps: 2 } });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * await trainer.fit(ring8({ size: 512 }), { steps: 4, callbacks: [points, runReport('runs/ring')] });
 * ```
 */
export function samplePoints(folder: string | URL, options: SamplePointsOptions = {}): Callback {
  const action = 'draw sample points';
  checkOptions(action, options, ['every', 'count', 'real', 'seed', ...pointPlotNames]);
  const { every = { epochs: 1 }, count = 1000, real = 1000, seed = 0, ...layout } = options;
  const path = checkPath(action, folder);
  const due = rhythm(action, every);
  checkPositiveInteger(action, 'count', count);
  checkNonNegativeInteger(action, 'real', real);
  const samplesOf = gridSampler({ seed, count, columns: undefined });
  let below: FirstSamples | undefined;

  const draw = async ({ trainer, dataset }: TrainRun): Promise<void> => {
    const underneath = below === undefined ? undefined : tf.tensor(below.values, [...below.shape]);
    try {
      for (const { generator, name } of pointGenerators(trainer)) {
        const { samples } = await samplesOf(generator, dataset);
        try {
          const file = join(path, pictureFile(trainer.step, name));
          await savePoints(file, samples, { ...layout, real: underneath });
        } finally {
          samples.dispose();
        }
      }
    } finally {
      underneath?.dispose();
    }
  };
  return goOnWithout({
    onTrainBegin: async (run) => {
      checkPoints(action, run);
      const { dataset, trainer } = run;
      below =
        real > 0 && isPoint(dataset.sampleShape)
          ? await firstSamples(dataset, real, seed)
          : undefined;
      if (trainer.step === 0) await draw(run);
    },
    ...whenDue(due, draw),
  });
}

/** Refuses a game that generates no points before its first step. */
function checkPoints(action: string, { trainer }: TrainRun): void {
  if (pointGenerators(trainer).length > 0) return;
  const shapes = shownGenerators(trainer).map(({ generator }) =>
    formatShape(generator.outputShape),
  );
  throw new RangeError(
    `Cannot ${action}: samples must have the shape [2], got ${shapes.join(' and ')}. Images are drawn by sampleGrid(folder)`,
  );
}
