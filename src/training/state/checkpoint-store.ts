/**
 * The files of one checkpoint, by name.
 *
 * @example List the files of a checkpoint
 * ```ts
 * const store = memoryStore();
 * await trainer.fit(dataset, { steps: 1, batchSize: 8, callbacks: [checkpoint(store)] });
 * const files: CheckpointFiles = (await store.read('0001-step-1')) ?? {};
 * console.log(Object.keys(files).join(', ')); // state.json, networks.json, weights.safetensors, SHA256SUMS
 * ```
 */
export type CheckpointFiles = Readonly<Record<string, Uint8Array>>;

/**
 * Storage for checkpoints: a folder, a database, memory.
 *
 * It stores files without knowing their content: `checkpoint` and `Trainer.restore` decide what to
 * write, what is damaged and what is kept.
 *
 * @example Two runs in one process
 * ```ts
 * const store = memoryStore();
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [checkpoint(store)] });
 * console.log(await store.list()); // [ '0001-step-2' ]
 * ```
 */
export interface CheckpointStore {
  /**
   * Its name in messages, such as the path of its folder; two stores with one name are the same
   * place.
   */
  readonly name: string;
  /**
   * Lists the checkpoints.
   *
   * @returns Names of the checkpoints that were written completely, in any order; empty if the
   * store is empty.
   * @throws CheckpointError if the place holds something else, or cannot be read.
   */
  list(): Promise<readonly string[]>;
  /**
   * Reads one checkpoint.
   *
   * @param checkpoint - Its name.
   * @returns Its files, or undefined if it does not exist.
   */
  read(checkpoint: string): Promise<CheckpointFiles | undefined>;
  /**
   * Writes a checkpoint: completely, and safe from a power failure if the storage can guarantee
   * that, or not at all.
   *
   * @param checkpoint - An unused name.
   * @param files - Its files; they stay the caller's.
   * @throws Error if it cannot be written; earlier checkpoints are then unchanged.
   */
  write(checkpoint: string, files: CheckpointFiles): Promise<void>;
  /**
   * Removes a checkpoint; does nothing if it does not exist.
   *
   * @param checkpoint - Its name.
   */
  remove(checkpoint: string): Promise<void>;
  /**
   * Locks the store, so that no two runs write to it.
   *
   * @returns A function that releases the lock.
   * @throws CheckpointError if another run, in this process or any other running one, holds the
   * lock.
   */
  claim(): Promise<() => Promise<void>>;
}
