import { CheckpointError } from '../../../core/errors.ts';
import { formatValue } from '../../../core/format.ts';
import { isError } from '../../../core/realms.ts';
import type { CheckpointStore } from '../checkpoint-store.ts';
import type { RunningTrainer } from '../../running-trainer.ts';
import { encodeCheckpoint } from './checkpoint-files.ts';
import { checkpointName, newestFirst, parseCheckpointName } from './checkpoint-name.ts';
import { type Lineage, lineageOf, noteLineage } from './lineage.ts';

/** Settings of a {@link CheckpointWriter}. @internal */
export interface CheckpointWriterOptions {
  /** How many of the newest are kept. */
  readonly keep: number;
  /** Whether a higher score is better, if a score is kept. */
  readonly mode: 'min' | 'max';
}

/**
 * Writes the checkpoints of one run to its store, and removes obsolete ones.
 *
 * @internal
 */
export class CheckpointWriter {
  readonly #store: CheckpointStore;
  readonly #trainer: RunningTrainer;
  readonly #options: CheckpointWriterOptions;
  readonly #release: () => Promise<void>;
  readonly #lineage: Lineage;
  #number: number;
  #newest: string | undefined;

  private constructor(
    ...parts: [
      CheckpointStore,
      RunningTrainer,
      CheckpointWriterOptions,
      () => Promise<void>,
      string[],
    ]
  ) {
    const names = parts[4];
    [this.#store, this.#trainer, this.#options, this.#release] = parts;
    this.#lineage =
      lineageOf(this.#trainer, this.#store) ?? noteLineage(this.#trainer, this.#store, undefined);
    [this.#newest] = names;
    this.#number = parseCheckpointName(names[0] ?? '')?.number ?? 0;
  }

  /**
   * Locks a store for a trainer.
   *
   * @throws CheckpointError if another run writes to it, or the store holds the checkpoints of
   * another run.
   */
  static async open(
    store: CheckpointStore,
    trainer: RunningTrainer,
    options: CheckpointWriterOptions,
  ): Promise<CheckpointWriter> {
    const release = await store.claim();
    try {
      const names = newestFirst(await store.list());
      if (names.length > 0 && lineageOf(trainer, store) === undefined) {
        throw new CheckpointError(
          `Cannot checkpoint: ${store.name} must be empty, or what the trainer was restored from, ` +
            `got the checkpoints of another run (the newest is ${names[0]!}). ` +
            'Call await trainer.restore(store) first, or choose another place',
        );
      }
      return new CheckpointWriter(store, trainer, options, release, names);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /**
   * Writes a checkpoint of the trainer.
   *
   * @param score - Its score, if one is kept.
   */
  async write(score?: number): Promise<void> {
    const snapshot = await this.#trainer.snapshot();
    const number = this.#number + 1;
    const name = checkpointName({ number, step: snapshot.step });
    const best = this.#isBest(score) ? { name, score } : this.#lineage.best;
    try {
      await this.#store.write(name, await encodeCheckpoint({ snapshot, best }));
    } catch (error) {
      throw new CheckpointError(this.#whatIsLeft(error, snapshot.step), [], { cause: error });
    }
    [this.#number, this.#newest, this.#lineage.best] = [number, name, best];
    await this.#prune();
  }

  /** Releases the store. */
  close(): Promise<void> {
    return this.#release();
  }

  #isBest(score: number | undefined): score is number {
    if (score === undefined || Number.isNaN(score)) return false;
    const { best } = this.#lineage;
    if (best === undefined) return true;
    return this.#options.mode === 'min' ? score < best.score : score > best.score;
  }

  async #prune(): Promise<void> {
    const { keep } = this.#options;
    for (const name of newestFirst(await this.#store.list()).slice(keep)) {
      if (name !== this.#lineage.best?.name) await this.#store.remove(name);
    }
  }

  #whatIsLeft(error: unknown, step: number): string {
    const what = isError(error) ? error.message : formatValue(error);
    const before =
      this.#newest === undefined ? 'Nothing was written before it' : `${this.#newest} is intact`;
    const cure = isOutOfSpace(error)
      ? 'free disk space and continue'
      : 'remove the cause and continue';
    return `${what}. ${before}, and the state of training at step ${step} is intact: ${cure}`;
  }
}

/** Error codes of a full disk, a quota and a file size limit, in Node and in browsers. */
const outOfSpace: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'QuotaExceededError'];

/** Whether an error, or one of its causes, reports a full disk. */
function isOutOfSpace(error: unknown): boolean {
  for (let cause = error, depth = 0; isObject(cause) && depth < 10; depth += 1) {
    if (outOfSpace.includes(cause.code) || outOfSpace.includes(cause.name)) return true;
    ({ cause } = cause);
  }
  return false;
}

function isObject(
  value: unknown,
): value is { readonly code?: unknown; readonly name?: unknown; readonly cause?: unknown } {
  return typeof value === 'object' && value !== null;
}
