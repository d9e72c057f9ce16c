/**
 * The backends known by name: those of TensorFlow.js, and this library's `wasm-train`.
 *
 * @example Read the backend from an environment variable
 * ```ts
 * const name = (process.env['TRAIN_ON'] ?? 'wasm-train') as BackendName;
 * const report = await useBackend(name);
 * console.log(report.name); // wasm-train
 * ```
 */
export type BackendName = 'tensorflow' | 'webgpu' | 'webgl' | 'wasm-train' | 'cpu';

/**
 * Whether a backend can run here, and if not, why.
 *
 * @example Check a backend without changing the current one
 * ```ts
 * const found: Availability = await wasmTrain().isAvailable();
 * console.log(found.available ? `it would run on ${found.detail}` : `it cannot run: ${found.reason}`);
 * ```
 */
export type Availability =
  | {
      /** It can run here. */
      readonly available: true;
      /** What it would run on. */
      readonly detail?: string | undefined;
      /**
       * Whether this is a graphics adapter emulated in software, far slower than `wasm-train` on
       * the same CPU. {@link useBackend} takes it only as the last candidate.
       *
       * @defaultValue `false`
       */
      readonly emulated?: boolean | undefined;
    }
  | {
      /** It cannot run here. */
      readonly available: false;
      /** Why not, in a form that a user can act on. */
      readonly reason: string;
    };

/**
 * A TensorFlow.js backend that reports its availability and can make itself current.
 *
 * Pass one to {@link useBackend} in place of a name.
 *
 * @example A custom backend
 * ```ts
 * const mine: Backend = {
 *   name: 'cpu',
 *   isAvailable: async () => ({ available: true, detail: 'always' }),
 *   activate: async () => {
 *     await tf.setBackend('cpu');
 *   },
 * };
 * await useBackend(mine);
 * ```
 */
export interface Backend {
  /** Its name in TensorFlow.js, which `tf.getBackend()` returns while it is current. */
  readonly name: string;
  /**
   * Checks whether the backend can run here, without changing the current one. Called again after
   * activation.
   *
   * @returns What it would run on (or runs on), or the reason it cannot run, in a form that a user
   * can act on.
   */
  isAvailable(): Promise<Availability>;
  /**
   * Makes it the current TensorFlow.js backend.
   *
   * @throws BackendUnavailableError if it cannot run.
   */
  activate(): Promise<void>;
}
