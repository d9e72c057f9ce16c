import type { CheckpointStore } from '../checkpoint-store.ts';
import type { Trainer } from '../../trainer.ts';
import type { BestCheckpoint } from './checkpoint-files.ts';

/** What a trainer knows of a store it was restored from or has written to. @internal */
export interface Lineage {
  /** The best checkpoint of its run so far. */
  best: BestCheckpoint | undefined;
}

const known = new WeakMap<Trainer, Map<string, Lineage>>();

/**
 * Notes that a store holds this trainer's own run, so that it may write there.
 *
 * @internal
 */
export function noteLineage(
  trainer: Trainer,
  store: CheckpointStore,
  best: BestCheckpoint | undefined,
): Lineage {
  const stores = known.get(trainer) ?? new Map<string, Lineage>();
  const lineage: Lineage = { best };
  known.set(trainer, stores.set(store.name, lineage));
  return lineage;
}

/** What is known, or undefined where the store may hold another run. @internal */
export function lineageOf(trainer: Trainer, store: CheckpointStore): Lineage | undefined {
  return known.get(trainer)?.get(store.name);
}
