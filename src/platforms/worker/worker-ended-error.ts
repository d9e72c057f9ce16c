/**
 * Thrown by calls to a worker that has ended: it failed, exited, or was terminated.
 *
 * Training progress that was not saved outside the worker is lost; start another worker to
 * continue.
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
   * @param message - The action, and why the worker ended.
   * @param options - The error that ended it, if it is known.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkerEndedError';
  }
}
