import { join } from 'node:path';
import { checkPath } from '../check-path.ts';
import { checkOptions, checkPositiveInteger } from '../../../core/checks.ts';
import type { ImageGridOptions } from '../../../io/image-grid.ts';
import type { Callback } from '../../../training/callback.ts';
import { type Every, rhythm } from '../../../training/callbacks/every.ts';
import type { RunningTrainer } from '../../../training/running-trainer.ts';
import { saveImageGrid } from '../save-image-grid.ts';
import { goOnWithout } from './go-on-without.ts';

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
   * How many samples a picture shows.
   *
   * @defaultValue `64`
   */
  readonly count?: number | undefined;
  /**
   * Decides the latents, which stay the same from picture to picture.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/**
 * Draws what the generator makes of the same latents as training goes on, into pictures `step-000100.png`, …
 *
 * The first picture, `step-000000.png`, shows the untrained generator. One that does not fit on the disk later is left out, with a
 * warning, and training goes on.
 *
 * @param folder - Where to, as a path or a `file:` address; made where it is missing.
 * @param options - How often, how many, and the layout.
 * @returns The callback.
 * @throws RangeError where the folder's path is empty or a number is out of range.
 *
 * @example A picture after every 100 steps
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
  const { every = { epochs: 1 }, count = 64, seed = 0, ...layout } = options;
  const path = checkPath(action, folder);
  const due = rhythm(action, every);
  checkPositiveInteger(action, 'count', count);
  const draw = async (trainer: RunningTrainer): Promise<void> => {
    const { generator } = trainer;
    const name = `step-${String(trainer.step).padStart(6, '0')}.png`;
    const samples = generator.sample(count, { seed });
    try {
      const { valueRange } = generator;
      await saveImageGrid(join(path, name), samples, { valueRange, ...layout });
    } finally {
      samples.dispose();
    }
  };
  return goOnWithout({
    onTrainBegin: async (run) => {
      if (run.trainer.step === 0) await draw(run.trainer);
    },
    onStepEnd: async (step, run) => {
      if (due.atStep(step.number)) await draw(run.trainer);
    },
    onEpochEnd: async (epoch, run) => {
      if (due.atEpoch(epoch.number)) await draw(run.trainer);
    },
  });
}
