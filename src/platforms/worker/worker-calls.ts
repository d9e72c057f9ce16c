import type { Remote } from 'comlink';
import type { WatchedWorker } from './endpoints.ts';
import type { Answer, TrainerService } from './trainer-service.ts';
import { fromWire } from './wire-error.ts';
import { WorkerEndedError } from './worker-ended-error.ts';

/**
 * Questions to a worker: each gets its answer, or an error where the worker ends first.
 *
 * @internal
 */
export class WorkerCalls {
  readonly #service: Remote<TrainerService>;
  readonly #watched: WatchedWorker;
  /** Breaks off those that wait for an answer. */
  readonly #waiting = new Set<() => void>();
  #over: ((action: string) => Error) | undefined;

  constructor(service: Remote<TrainerService>, watched: WatchedWorker) {
    this.#service = service;
    this.#watched = watched;
  }

  /** Asks, and answers what the worker does; what it throws, this throws. */
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

  /** Breaks off what waits, and refuses what is asked from now on: nobody answers any more. */
  end(why: string, cause?: unknown): void {
    this.#close(
      (action) =>
        new WorkerEndedError(
          `Cannot ${action}: ${why}`,
          cause === undefined ? undefined : { cause },
        ),
    );
  }

  /** The same where it is the connection that ended. */
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
