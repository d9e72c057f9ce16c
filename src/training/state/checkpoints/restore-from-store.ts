import { getBackend } from '@tensorflow/tfjs';
import type { CheckpointStore } from '../checkpoint-store.ts';
import type { RestoreOptions } from '../restore.ts';
import type { TrainerSnapshot } from '../trainer-snapshot.ts';
import { type Lineages, noteLineage } from './lineage.ts';
import { loadCheckpoint } from './load-checkpoint.ts';

/** The trainer to restore. */
interface RestoredTrainer {
  readonly lineages: Lineages;
  restore(snapshot: TrainerSnapshot, options: RestoreOptions): Promise<void>;
}

/**
 * Restores a trainer from the newest intact checkpoint; warns if a newer one is damaged or another
 * backend computed it.
 *
 * @returns Whether there was a checkpoint.
 *
 * @internal
 */
export async function restoreFromStore(
  trainer: RestoredTrainer,
  store: CheckpointStore,
  options: RestoreOptions & { readonly which?: 'newest' | 'best' | undefined } = {},
): Promise<boolean> {
  const { which, ...restoreOptions } = options;
  const loaded = await loadCheckpoint(store, which);
  if (loaded === undefined) return false;
  const { name, snapshot, best, damaged } = loaded;
  await trainer.restore(snapshot, restoreOptions);
  noteLineage(trainer, store, best);
  if (damaged.length > 0) {
    console.warn(
      `tfjs-gan: restored ${name} of ${store.name}, because newer checkpoints are damaged:` +
        damaged.map((line) => `\n  ${line}`).join(''),
    );
  }
  if (snapshot.backend !== getBackend()) {
    console.warn(
      `tfjs-gan: ${name} of ${store.name} was computed on ${snapshot.backend}. ` +
        `${getBackend()} continues from there, but not bit-for-bit`,
    );
  }
  return true;
}
