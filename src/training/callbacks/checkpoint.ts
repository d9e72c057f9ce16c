import { checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Callback, TrainRun } from '../callback.ts';
import type { CheckpointStore } from '../state/checkpoint-store.ts';
import { CheckpointWriter } from '../state/checkpoints/checkpoint-writer.ts';
import type { StepInfo } from '../step-info.ts';
import { type Every, rhythm } from './every.ts';
import { checkBest, type Monitor } from './monitor.ts';

/**
 * Settings of {@link checkpoint}.
 *
 * @example Keep only the last two, when disk space is short
 * ```ts
 * const options: CheckpointOptions = { every: { steps: 1 }, keep: 2 };
 * const store = memoryStore();
 * await trainer.fit(dataset, { steps: 4, batchSize: 8, callbacks: [checkpoint(store, options)] });
 * console.log((await store.list()).length); // 2
 * ```
 */
export interface CheckpointOptions {
  /**
   * How often to write; the end of the run is always written. If the process is killed, at most
   * this much work and the current step are lost. Minutes are wall-clock time, so writing takes a
   * small share of any training. A run of `minutes` also writes when its number of steps is
   * replanned, so that the steps after a checkpoint can be repeated bit-for-bit.
   *
   * @defaultValue `{ minutes: 1 }`
   */
  readonly every?: Every | undefined;
  /**
   * How many of the newest checkpoints to keep; a positive integer, or `Infinity` for all.
   *
   * @defaultValue `3`
   */
  readonly keep?: number | undefined;
  /**
   * Defines the best checkpoint, which is kept as well, for
   * `trainer.restore(store, { which: 'best' })`.
   *
   * @defaultValue no best checkpoint is kept
   */
  readonly best?: Monitor | undefined;
}

/**
 * Writes everything that is needed to resume training exactly, during the run and at its end.
 *
 * A checkpoint is written completely or not at all. If writing fails, the run ends with an error;
 * earlier checkpoints and the trainer are intact. A run that ends with an error does not write a
 * checkpoint.
 *
 * @param store - The destination: `directoryStore` from `tfjs-gan/node`, `memoryStore`, or your
 * own.
 * @param options - How often, how many to keep, and what counts as best.
 * @returns The callback.
 * @throws RangeError if a number is out of range.
 *
 * @example Resume the last run, if there is one
 * ```ts no-run
 * const run = directoryStore('runs/a');
 * await trainer.restore(run);
 * await trainer.fit(dataset, { until: { epochs: 50 }, callbacks: [checkpoint(run)] });
 * ```
 */
export function checkpoint(store: CheckpointStore, options: CheckpointOptions = {}): Callback {
  const action = 'checkpoint';
  const defaults = { every: { minutes: 1 }, keep: 3, best: undefined };
  const { every, keep, best } = withDefaults(action, options, defaults);
  checkStore(store);
  const due = rhythm(action, every);
  if (keep !== Infinity) checkPositiveInteger(action, 'keep', keep);
  if (best !== undefined) checkBest(action, best);
  let writer: CheckpointWriter | undefined;
  let written = -1;
  let planned: number | undefined;
  const write = async (run: TrainRun, isJudged = true): Promise<void> => {
    const { step, history } = run.trainer;
    // The last step of an epoch may be due twice, and the end of a run may follow a step that was
    // due.
    if (writer === undefined || step === written) return;
    const last = isJudged ? history.steps.at(-1) : undefined;
    await writer.write(last && (await best?.value(last, run)));
    // One that was not judged does not stand for one that is to be.
    if (isJudged || best === undefined) written = step;
  };
  return {
    onTrainBegin: async ({ trainer, lastStep }) => {
      planned = lastStep;
      writer = await CheckpointWriter.open(store, trainer, {
        keep,
        mode: best?.mode ?? 'min',
      });
      written = trainer.step;
    },
    onStepEnd: async (step: StepInfo, run) => {
      const isNewPlan = run.lastStep !== planned;
      planned = run.lastStep;
      if (due.atStep(step.number)) await write(run);
      // Not judged: how often a run is planned says nothing of when its score is worth the time.
      else if (isNewPlan) await write(run, false);
    },
    onEpochEnd: async (epoch, run) => {
      if (due.atEpoch(epoch.number)) await write(run);
    },
    onTrainEnd: async (reason, run) => {
      try {
        if (reason !== 'failed') await write(run);
      } finally {
        await writer?.close();
        writer = undefined;
      }
    },
  };
}

function checkStore(store: CheckpointStore): void {
  if (typeof (store as Partial<CheckpointStore> | null | undefined)?.claim === 'function') return;
  throw new TypeError(
    `Cannot checkpoint: store must be a CheckpointStore, got ${formatValue(store)}. ` +
      "Create one with directoryStore('runs/a') of tfjs-gan/node, or memoryStore()",
  );
}
