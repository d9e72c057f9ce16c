import type { CheckpointStore } from '../checkpoint-store.ts';
import type { BestCheckpoint } from './checkpoint-files.ts';

/** What a trainer knows about a store that it was restored from or has written to. @internal */
export interface Lineage {
  /** The best checkpoint of its run so far. */
  best: BestCheckpoint | undefined;
}

/** What a trainer knows about stores, by their names. @internal */
export type Lineages = Map<string, Lineage>;

/**
 * Records that a store holds this trainer's own run, so that it may write there.
 *
 * @internal
 */
export function noteLineage(
  { lineages }: { readonly lineages: Lineages },
  store: CheckpointStore,
  best: BestCheckpoint | undefined,
): Lineage {
  const lineage: Lineage = { best };
  lineages.set(store.name, lineage);
  return lineage;
}

/** The record of a store, or undefined if it may hold another run. @internal */
export function lineageOf(
  { lineages }: { readonly lineages: Lineages },
  store: CheckpointStore,
): Lineage | undefined {
  return lineages.get(store.name);
}
