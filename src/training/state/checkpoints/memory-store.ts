import { CheckpointError } from '../../../core/errors.ts';
import type { CheckpointFiles, CheckpointStore } from '../checkpoint-store.ts';

let made = 0;

/**
 * Keeps checkpoints in memory: for tests, and for returning to the best step of a run without a
 * disk.
 *
 * @returns The store; it owns its content.
 *
 * @example Return to the best of a few steps
 * ```ts
 * const store = memoryStore();
 * const best = { value: (step: StepInfo) => step.losses.generator, mode: 'min' } as const;
 * await trainer.fit(dataset, {
 *   steps: 4,
 *   batchSize: 8,
 *   callbacks: [checkpoint(store, { every: { steps: 1 }, keep: 1, best })],
 * });
 * await trainer.restore(store, { which: 'best' });
 * ```
 */
export function memoryStore(): CheckpointStore {
  made += 1;
  const name = `memory store ${made}`;
  const checkpoints = new Map<string, CheckpointFiles>();
  let claimed = false;
  return {
    name,
    list: async () => [...checkpoints.keys()],
    read: async (checkpoint) => copyOf(checkpoints.get(checkpoint)),
    write: async (checkpoint, files) => {
      if (checkpoints.has(checkpoint)) {
        throw new RangeError(
          `Cannot write a checkpoint: its name must be free, got '${checkpoint}', which is in ${name}`,
        );
      }
      checkpoints.set(checkpoint, copyOf(files)!);
    },
    remove: async (checkpoint) => void checkpoints.delete(checkpoint),
    claim: async () => {
      if (claimed) {
        throw new CheckpointError(
          `Cannot checkpoint: ${name} must be free, got one that another run of this process writes to`,
        );
      }
      claimed = true;
      return async () => {
        claimed = false;
      };
    },
  };
}

/**
 * Copies, so that callers cannot change what is kept. `slice` would not do: on a Node Buffer it
 * copies nothing.
 */
function copyOf(files: CheckpointFiles | undefined): CheckpointFiles | undefined {
  if (files === undefined) return undefined;
  const copies = Object.entries(files).map(([name, bytes]) => [name, new Uint8Array(bytes)]);
  return Object.fromEntries(copies) as CheckpointFiles;
}
