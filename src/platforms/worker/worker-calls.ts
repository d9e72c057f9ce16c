import type { Remote } from 'comlink';
import type { WatchedWorker } from './endpoints.ts';
import type { Answer, TrainerService } from './trainer-service.ts';
import { fromWire } from './wire-error.ts';
import { WorkerEndedError } from './worker-ended-error.ts';

/**
 * Calls to a worker: each returns the response, or throws if the worker ends first.
 *
 * @internal
 */
export class WorkerCalls {
  readonly #service: Remote<TrainerService>;
  readonly #watched: WatchedWorker;
  /** Rejects the pending calls. */
  readonly #waiting = new Set<() => void>();
  #over: ((action: string) => Error) | undefined;

  constructor(service: Remote<TrainerService>, watched: WatchedWorker) {
    this.#service = service;
    this.#watched = watched;
  }

  /** Calls the worker and returns its result; errors of the worker are thrown here. */
  async ask<T>(
    action: string,
    call: (service: Remote<TrainerService>) => Promise<Answer<T>>,
  ): Promise<T> {
    if (this.#over !== undefined) throw this.#over(action);
    const answer = await new Promise<Answer<T>>((resolve, reject) => {
      const breakOff = (): void => {
        reject(this.#over!(action));
      };
      this.#waiting.add(breakOff);
      call(this.#service)
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(breakOff));
    });
    if ('failure' in answer) throw fromWire(answer.failure);
    return answer.value;
  }

  /** Rejects pending calls and all later ones: the worker no longer responds. */
  end(why: string, cause?: unknown): void {
    this.#close(
      (action) =>
        new WorkerEndedError(
          `Cannot ${action}: ${why}`,
          cause === undefined ? undefined : { cause },
        ),
    );
  }

  /** The same for a connection that ended. */
  disconnect(): void {
    this.#close((action) => new Error(`Cannot ${action}: this connection was disposed`));
  }

  #close(over: (action: string) => Error): void {
    if (this.#over !== undefined) return;
    this.#over = over;
    this.#watched.unwatch();
    for (const breakOff of this.#waiting) breakOff();
    this.#waiting.clear();
  }
}
