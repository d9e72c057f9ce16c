import { ClientGoneError, HttpError } from './http-error.ts';
import type { Job, JobResult, ServedModel } from './served-model.ts';

/** Settings of {@link Batcher}, and what is called after each batch. @internal */
export interface BatcherOptions {
  /** Samples in each pass of the network. */
  readonly batchSize: number;
  /** Most samples that wait or are computed. */
  readonly maxQueued: number;
  /** How long an idle model waits for further requests. */
  readonly batchWindowMs: number;
  /** Called after the model computed so many samples at once. */
  readonly onBatch: (samples: number) => void;
}

/**
 * Most passes that the model computes at once: more would delay the first responses, fewer leave
 * more rows unused.
 */
const passesAtOnce = 4;

interface Waiting {
  readonly job: Job;
  readonly size: number;
  readonly settle: (result: JobResult | Error) => void;
}

/**
 * Computes what waits together, and refuses what would wait too long.
 *
 * @internal
 */
export class Batcher {
  readonly #model: ServedModel;
  readonly #options: BatcherOptions;
  readonly #waiting = new Set<Waiting>();
  #queued = 0;
  #isBusy = false;

  constructor(model: ServedModel, options: BatcherOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** Samples that wait or are computed. */
  get queued(): number {
    return this.#queued;
  }

  /** Whether a request for one more sample would be accepted. */
  get hasRoom(): boolean {
    return this.#queued < this.#options.maxQueued;
  }

  /**
   * Computes a job, together with others that wait.
   *
   * @param job - What to compute.
   * @param size - Its samples.
   * @param signal - Aborted when nobody waits for the result anymore.
   * @throws HttpError if too many samples wait, or the job is invalid.
   */
  async submit(job: Job, size: number, signal: AbortSignal): Promise<Uint8Array> {
    if (signal.aborted) throw new ClientGoneError();
    if (this.#queued + size > this.#options.maxQueued) {
      throw new HttpError(503, 'too many samples are waiting, try again later', {
        'retry-after': '1',
      });
    }
    const result = await new Promise<JobResult>((resolve, reject) => {
      const waiting: Waiting = {
        job,
        size,
        settle: (settled) => {
          signal.removeEventListener('abort', leave);
          this.#queued -= size;
          if (settled instanceof Error) reject(settled);
          else resolve(settled);
        },
      };
      const leave = (): void => {
        // Not if it is being computed.
        if (this.#waiting.delete(waiting)) waiting.settle(new ClientGoneError());
      };
      signal.addEventListener('abort', leave);
      this.#queued += size;
      this.#waiting.add(waiting);
      void this.#work();
    });
    if ('body' in result) return result.body;
    throw new HttpError(result.status, result.message);
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    await new Promise((resolve) => setTimeout(resolve, this.#options.batchWindowMs));
    while (this.#waiting.size > 0) await this.#compute(this.#take());
    this.#isBusy = false;
  }

  /** The requests to compute next: as many as fit, at least one. */
  #take(): readonly Waiting[] {
    const taken: Waiting[] = [];
    const most = passesAtOnce * this.#options.batchSize;
    let samples = 0;
    for (const waiting of this.#waiting) {
      if (taken.length > 0 && samples + waiting.size > most) break;
      samples += waiting.size;
      taken.push(waiting);
      this.#waiting.delete(waiting);
    }
    return taken;
  }

  async #compute(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#model.run(batch.map(({ job }) => job));
      this.#options.onBatch(batch.reduce((sum, { size }) => sum + size, 0));
      batch.forEach(({ settle }, i) => settle(results[i]!));
    } catch (error) {
      for (const { settle } of batch) settle(error as Error);
    }
  }
}
