/**
 * The files of one checkpoint, by name.
 *
 * @example What a checkpoint is made of
 * ```ts
 * const store = memoryStore();
 * await trainer.fit(dataset, { steps: 1, batchSize: 8, callbacks: [checkpoint(store)] });
 * const files: CheckpointFiles = (await store.read('0001-step-1')) ?? {};
 * console.log(Object.keys(files).join(', ')); // state.json, networks.json, weights.safetensors, SHA256SUMS
 * ```
 */
export type CheckpointFiles = Readonly<Record<string, Uint8Array>>;

/**
 * A place that keeps checkpoints: a folder, a database, memory.
 *
 * It stores files and knows nothing of what is in them; what to write, what is damaged and what is kept is decided by
 * `checkpoint` and `Trainer.restore`.
 *
 * @example Two runs in one process
 * ```ts
 * const store = memoryStore();
 * await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [checkpoint(store)] });
 * console.log(await store.list()); // [ '0001-step-2' ]
 * ```
 */
export interface CheckpointStore {
  /** What it is called in messages, such as the path of its folder; two stores of one name are one place. */
  readonly name: string;
  /**
   * What is there.
   *
   * @returns Names of the checkpoints that were written whole, in any order; none where the place is empty.
   * @throws CheckpointError where the place holds something else, or cannot be read.
   */
  list(): Promise<readonly string[]>;
  /**
   * Reads one checkpoint.
   *
   * @param checkpoint - Its name.
   * @returns Its files, or undefined where it is not there.
   */
  read(checkpoint: string): Promise<CheckpointFiles | undefined>;
  /**
   * Puts a checkpoint there: whole, and safe from a power cut where the place can promise that, or not at all.
   *
   * @param checkpoint - A name that is not taken.
   * @param files - Its files; they stay the caller's.
   * @throws Error where it cannot; all that was there before is then as it was.
   */
  write(checkpoint: string, files: CheckpointFiles): Promise<void>;
  /**
   * Removes a checkpoint; one that is not there is no error.
   *
   * @param checkpoint - Its name.
   */
  remove(checkpoint: string): Promise<void>;
  /**
   * Takes the place for oneself, so that no two runs write to it.
   *
   * @returns What gives it back.
   * @throws CheckpointError where another run, in this process or any other that is alive, has it.
   */
  claim(): Promise<() => Promise<void>>;
}
