import { CheckpointError } from '../../../core/errors.ts';
import { messageOf } from '../../../core/realms.ts';
import type { CheckpointStore } from '../checkpoint-store.ts';
import { type Checkpoint, decodeCheckpoint } from './checkpoint-files.ts';
import { newestFirst } from './checkpoint-name.ts';

/** A readable checkpoint, and the newer ones that were skipped. @internal */
export interface LoadedCheckpoint extends Checkpoint {
  readonly name: string;
  /** Newer checkpoints that are damaged: one line for each, with name and reason. */
  readonly damaged: readonly string[];
}

/**
 * Reads the newest intact checkpoint, or the best one.
 *
 * @returns The checkpoint, or undefined if the store is empty.
 * @throws CheckpointError if none is intact, a newer version of this library wrote it, or no best
 * one is kept.
 *
 * @internal
 */
export async function loadCheckpoint(
  store: CheckpointStore,
  which: 'newest' | 'best' = 'newest',
): Promise<LoadedCheckpoint | undefined> {
  const newest = await loadFirst(store, newestFirst(await store.list()));
  if (newest === undefined || which === 'newest') return newest;
  const name = newest.best?.name;
  if (name === undefined) {
    throw new CheckpointError(
      `Cannot restore from ${store.name}: it must keep a best checkpoint, got ${newest.name} which names none. ` +
        'Write with checkpoint(store, { best: … })',
    );
  }
  return name === newest.name ? newest : loadFirst(store, [name]);
}

async function loadFirst(
  store: CheckpointStore,
  names: readonly string[],
): Promise<LoadedCheckpoint | undefined> {
  const damaged: string[] = [];
  for (const name of names) {
    try {
      const files = await store.read(name);
      // Removed meanwhile: a running writer keeps only its newest checkpoints.
      if (files !== undefined) return { ...(await decodeCheckpoint(files)), name, damaged };
    } catch (error) {
      if (error instanceof CheckpointError) {
        throw new CheckpointError(`${error.message} (${name} of ${store.name})`, [], {
          cause: error,
        });
      }
      damaged.push(`${name}: ${reasonIn(error)}`);
    }
  }
  if (damaged.length === 0) return undefined;
  throw new CheckpointError(
    `Cannot restore from ${store.name}: at least one checkpoint must be intact, got these:` +
      damaged.map((line) => `\n  ${line}`).join(''),
    damaged,
  );
}

/** The part of one of our error messages that states the problem. */
function reasonIn(error: unknown): string {
  const message = messageOf(error);
  return message.replace(/^Cannot [^:]*: /, '');
}
