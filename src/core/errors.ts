/**
 * Thrown when a requested backend cannot run here.
 *
 * @example Fall back manually
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
   * @param message - What was requested, why it is refused, and the cure.
   * @param options - The underlying error, if there is one.
   */
  constructor(backend: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackendUnavailableError';
    this.backend = backend;
  }
}

/**
 * Thrown when bytes do not have their format: a truncated download, a wrong checksum, a wrong
 * header.
 *
 * @example Distinguish a damaged file from other failures
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
   * @param message - What was read, what was expected, and what was found.
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
 * The trainer has already restored both networks, their optimizer state and its random numbers to
 * their values before the step: lower the learning rate and continue. If earlier steps have already
 * damaged the weights, return to a checkpoint; `fitWithRollback` does both.
 *
 * @example Save the last good weights
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
  /** The term that became NaN or infinite. */
  readonly term: string;
  /** The step, counted over the trainer's life. */
  readonly step: number;
  /** The value: NaN, Infinity or -Infinity. */
  readonly value: number;

  /**
   * @param message - The action, the value, and the cure.
   * @param details - The same as fields.
   */
  constructor(
    message: string,
    details: {
      /** The term that became NaN or infinite: `discriminator loss`, `generator gradient`, … */
      readonly term: string;
      /** The step, counted over the trainer's life. */
      readonly step: number;
      /** The value: NaN, Infinity or -Infinity. */
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
 * Thrown when a snapshot or checkpoint does not fit the trainer. Nothing was changed.
 *
 * @example Print the differences
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
  /** The differences, one line each: `optimizers.generator.learningRate: was 0.0002, is 0.001`. */
  readonly differences: readonly string[];

  /**
   * @param message - The action, the differences, and the cure.
   * @param differences - The differences, one line each.
   * @param options - The underlying error, if there is one.
   */
  constructor(message: string, differences: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = 'CheckpointError';
    this.differences = differences;
  }
}
