import { checkInRange, checkNonNegativeInteger } from '../core/checks.ts';
import { TrainingDivergedError } from '../core/errors.ts';
import { formatValue } from '../core/format.ts';
import type { Dataset } from '../data/dataset.ts';
import { checkpoint, type CheckpointOptions } from './callbacks/checkpoint.ts';
import type { CheckpointStore } from './state/checkpoint-store.ts';
import { newestFirst } from './state/checkpoints/checkpoint-name.ts';
import type { Gan } from './gan.ts';
import type { TrainOptions } from './loop/train-options.ts';
import type { TrainBound } from './train-bound.ts';

/**
 * Trains to the end. If a loss or gradient becomes NaN or infinite, returns to the last checkpoint
 * and continues with lower learning rates.
 *
 * A checkpoint from which training diverges again at once was taken too late: it is removed, and
 * the one before it is used. A store that has checkpoints is resumed; only the learning rates may
 * differ from theirs.
 *
 * @param make - Creates the Gan, with its learning rates multiplied by the given factor: 1 at
 * first, smaller after each rollback.
 * @param dataset - The real samples.
 * @param options - How long, where to write, and how often to roll back.
 * @returns The trained Gan; the caller disposes it.
 * @throws TrainingDivergedError if training diverges again after the last rollback.
 *
 * @example A learning rate that may be too high
 * ```ts
 * const gan = await fitWithRollback(
 *   (factor) => {
 *     const optimizer = adam({ learningRate: 2e-3 * factor });
 *     const optimizers = { generator: optimizer, discriminator: optimizer };
 *     return createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, optimizers });
 *   },
 *   dataset,
 *   { until: { steps: 2 }, batchSize: 8, store: memoryStore() },
 * );
 * gan.dispose();
 * ```
 */
export async function fitWithRollback(
  make: (factor: number) => Gan,
  dataset: Dataset,
  options: Omit<TrainOptions, 'epochs' | 'steps' | 'until'> & {
    /** The end of training, counted over the trainer's whole life. */
    readonly until: TrainBound;
    /** Where checkpoints are written and read. */
    readonly store: CheckpointStore;
    /** How often to write checkpoints, and how many to keep. */
    readonly checkpoints?: CheckpointOptions | undefined;
    /**
     * How many rollbacks are allowed before the error is thrown; 0 or more.
     *
     * @defaultValue `3`
     */
    readonly retreats?: number | undefined;
    /**
     * The factor of the learning rates at each rollback; above 0 and less than 1.
     *
     * @defaultValue `0.5`
     */
    readonly factor?: number | undefined;
  },
): Promise<Gan> {
  const { store, checkpoints, retreats = 3, factor = 0.5, callbacks = [], ...rest } = options;
  const action = 'train with rollback';
  if (typeof make !== 'function') {
    throw new TypeError(
      `Cannot ${action}: make must be a function that creates a Gan, got ${formatValue(make)}`,
    );
  }
  checkNonNegativeInteger(action, 'retreats', retreats);
  checkInRange(action, 'factor', factor, Number.MIN_VALUE, 1);
  const writer = checkpoint(store, checkpoints);
  let goneBackTo: string | undefined;
  for (let retreat = 0; ; retreat += 1) {
    const gan = make(factor ** retreat);
    const { trainer } = gan;
    try {
      await trainer.restore(store, { allow: rateNames(gan) });
      await trainer.fit(dataset, { ...rest, callbacks: [...callbacks, writer] });
      return gan;
    } catch (error) {
      gan.dispose();
      if (!(error instanceof TrainingDivergedError) || retreat === retreats) throw error;
      const [newest] = newestFirst(await store.list());
      if (newest !== undefined && newest === goneBackTo) await store.remove(newest);
      [goneBackTo] = newestFirst(await store.list());
      console.warn(
        `tfjs-gan: the ${error.term} became ${error.value} at step ${error.step}. Going back to ` +
          `${goneBackTo ?? 'the beginning'}, with learning rates multiplied by ${factor ** (retreat + 1)}`,
      );
    }
  }
}

/** The settings that a rollback changes. */
function rateNames({ trainer }: Gan): string[] {
  return Object.keys(trainer.configuration).filter((name) => name.includes('.learningRate'));
}
