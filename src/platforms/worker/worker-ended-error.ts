/**
 * Thrown by what was asked of a worker that is no more: it failed, ended itself, or was terminated.
 *
 * What it had trained and not given out is lost; start another worker to go on.
 *
 * @example Start again
 * ```ts no-run
 * const start = () => new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * let trainer = await connectTrainer(start());
 * try {
 *   await trainer.fit({ epochs: 5 });
 * } catch (error) {
 *   if (!(error instanceof WorkerEndedError)) throw error;
 *   trainer = await connectTrainer(start());
 * }
 * ```
 */
export class WorkerEndedError extends Error {
  /**
   * @param message - What was asked for, and why the worker ended.
   * @param options - The error that ended it, where it is known.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkerEndedError';
  }
}
