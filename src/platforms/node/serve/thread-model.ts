import type { Worker } from 'node:worker_threads';
import type { Job, JobResult, ModelAbout, ServedModel } from '../../../serve/served-model.ts';
import type { DoneMessage, StartMessage, WorkMessage } from './thread-messages.ts';

/** A model that computes in a thread of its own, whose file is serve-thread.ts. @internal */
export class ThreadModel implements ServedModel {
  readonly about: ModelAbout;
  /** The backend of the thread, in words. */
  readonly backend: string;
  /** Resolves to the reason if the thread ends by itself. */
  readonly ended: Promise<Error>;
  readonly #worker: Worker;
  /** Why the thread has ended, and what is called then. */
  #end: Error | undefined;
  #onEnd: ((reason: Error) => void) | undefined;

  private constructor(
    worker: Worker,
    started: { readonly about: ModelAbout; readonly backend: string },
    ended: Promise<Error>,
  ) {
    this.about = started.about;
    this.backend = started.backend;
    this.ended = ended;
    this.#worker = worker;
    void ended.then((reason) => {
      this.#end = reason;
      this.#onEnd?.(reason);
    });
  }

  /**
   * Waits until a thread has loaded its model.
   *
   * @throws the error of the thread if it could not.
   */
  static async start(worker: Worker): Promise<ThreadModel> {
    const ended = new Promise<Error>((resolve) => {
      worker.once('error', (error) => resolve(endOf(error.message)));
      worker.once('exit', (code) => resolve(endOf(`it ended with code ${code}`)));
    });
    const started = await Promise.race([nextMessage<StartMessage>(worker), ended]);
    if (started instanceof Error) throw started;
    if ('about' in started) return new ThreadModel(worker, started, ended);
    await worker.terminate();
    throw started.problem;
  }

  /** Computes jobs. One call at a time: the next one must wait for the results. */
  async run(jobs: readonly Job[]): Promise<readonly JobResult[]> {
    const done = await new Promise<DoneMessage>((resolve, reject) => {
      if (this.#end !== undefined) reject(this.#end);
      // A race with `ended` would keep the results of every call: its reactions are freed only when
      // it settles.
      this.#onEnd = reject;
      this.#worker.once('message', resolve);
      const work: WorkMessage = { jobs };
      this.#worker.postMessage(work);
    });
    this.#onEnd = undefined;
    if ('results' in done) return done.results;
    throw done.problem;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function nextMessage<T>(worker: Worker): Promise<T> {
  return new Promise((resolve) => {
    worker.once('message', resolve);
  });
}

function endOf(reason: string): Error {
  return new Error(`The thread of the model has ended: ${reason}`);
}
