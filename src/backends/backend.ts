/**
 * The backends known by name: tfjs's own names, and `wasm-train`, which is ours.
 *
 * @example Let whoever starts the program choose
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
 * @example Ask without changing what is current
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
       * Whether that is a graphics adapter emulated in software, far slower than `wasm-train` on the same processor. It is taken
       * only where nothing else is left to try.
       *
       * @defaultValue `false`
       */
      readonly emulated?: boolean | undefined;
    }
  | {
      /** It cannot run here. */
      readonly available: false;
      /** Why not, in words a user can act on. */
      readonly reason: string;
    };

/**
 * Where the numbers run: something that can make itself the current TensorFlow.js backend.
 *
 * Pass one to {@link useBackend} in place of a name.
 *
 * @example A backend of one's own
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
  /** The name it has in TensorFlow.js: what `tf.getBackend()` answers while it is active. */
  readonly name: string;
  /**
   * Tells whether the backend can run here, without changing the current one; asked again once it runs.
   *
   * @returns What it would run on (or does), or the reason it cannot, in words a user can act on.
   */
  isAvailable(): Promise<Availability>;
  /**
   * Makes it the current TensorFlow.js backend.
   *
   * @throws BackendUnavailableError where it cannot run.
   */
  activate(): Promise<void>;
}
