/**
 * Thrown when a backend that was asked for cannot run here.
 *
 * @example Fall back by hand
 * ```ts
 * try {
 *   await useBackend('webgpu');
 * } catch (error) {
 *   if (!(error instanceof BackendUnavailableError)) throw error;
 *   await useBackend('wasm-train');
 * }
 * ```
 */
export class BackendUnavailableError extends Error {
  /** Name of the backend that was refused. */
  readonly backend: string;

  /**
   * @param backend - Name of the backend that was refused.
   * @param message - What was asked for, why it is refused, and the cure.
   * @param options - The underlying error, if there is one.
   */
  constructor(backend: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendUnavailableError';
    this.backend = backend;
  }
}

/**
 * Thrown when bytes are not what their format promises: a cut download, a wrong checksum, a lying header.
 *
 * @example Tell a damaged file from other failures
 * ```ts
 * try {
 *   parseIdx(new Uint8Array([1, 2, 3]));
 * } catch (error) {
 *   if (error instanceof DataFormatError) console.log(error.format); // IDX
 * }
 * ```
 */
export class DataFormatError extends Error {
  /** Name of the format, such as `IDX` or `PNG`. */
  readonly format: string;

  /**
   * @param format - Name of the format.
   * @param message - What was read, what was wanted, what came.
   * @param options - The underlying error, if there is one.
   */
  constructor(format: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DataFormatError';
    this.format = format;
  }
}

/**
 * Thrown when a loss or a gradient becomes NaN or infinite.
 *
 * The trainer has already put both networks, their moments and its random numbers back to where they stood before
 * the step: lower the learning rate and go on. Where steps before it had already carried the weights too far, go back to a
 * checkpoint; `fitWithRollback` does both.
 *
 * @example Save what was reached
 * ```ts
 * try {
 *   await gan.trainer.fit(dataset, { epochs: 50 });
 * } catch (error) {
 *   if (!(error instanceof TrainingDivergedError)) throw error;
 *   console.log(`stopped at step ${error.step}: ${error.term}`);
 *   await gan.generator.save('file://model');
 * }
 * ```
 */
export class TrainingDivergedError extends Error {
  /** The term that stopped being a number. */
  readonly term: string;
  /** The step, counted over the trainer's life, that produced it. */
  readonly step: number;
  /** The value that came: NaN, Infinity or -Infinity. */
  readonly value: number;

  /**
   * @param message - What was being done, what came, and the cure.
   * @param details - The same, as fields.
   */
  constructor(
    message: string,
    details: {
      /** The term that stopped being a number: `discriminator loss`, `generator gradient`, … */
      readonly term: string;
      /** The step, counted over the trainer's life, that produced it. */
      readonly step: number;
      /** The value that came: NaN, Infinity or -Infinity. */
      readonly value: number;
    },
  ) {
    super(message);
    this.name = 'TrainingDivergedError';
    this.term = details.term;
    this.step = details.step;
    this.value = details.value;
  }
}

/**
 * Thrown when a snapshot or checkpoint does not fit what it is to be restored into. Nothing was changed.
 *
 * @example See what differs
 * ```ts
 * const snapshot = await trainer.snapshot();
 * try {
 *   await trainer.restore(snapshot);
 * } catch (error) {
 *   if (error instanceof CheckpointError) console.log(error.differences);
 * }
 * ```
 */
export class CheckpointError extends Error {
  /** What does not fit, one line for each: `optimizers.generator.learningRate: was 0.0002, is 0.001`. */
  readonly differences: readonly string[];

  /**
   * @param message - What was asked for, what does not fit, and the cure.
   * @param differences - What does not fit, one line for each.
   * @param options - The underlying error, if there is one.
   */
  constructor(message: string, differences: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = 'CheckpointError';
    this.differences = differences;
  }
}
