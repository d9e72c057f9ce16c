import type { Dataset } from '../../data/dataset.ts';
import type { Callback, TrainRun } from '../../training/callback.ts';
import type { TrainOptions } from '../../training/loop/train-options.ts';
import type { Trainer } from '../../training/trainer.ts';
import type { RunEnd, RunEvent, RunPart } from './trainer-service.ts';

/** The parts of a {@link ServedRun}. @internal */
export interface ServedRunParts {
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  readonly options: TrainOptions;
  readonly callbacks: readonly Callback[];
  /** Whether it ends before its first step. */
  readonly aborted: boolean;
}

/**
 * A run in a worker. Its events are kept until they are fetched, so that a slow listener does not
 * slow it down.
 *
 * @internal
 */
export class ServedRun {
  readonly #events: RunEvent[] = [];
  readonly #abort = new AbortController();
  #outcome: { readonly end: RunEnd } | { readonly error: unknown } | undefined;
  #reason: RunEnd['reason'] = 'finished';
  #stopAsked: 'stopped' | 'aborted' | undefined;
  /** Lets a paused run continue. */
  #open: (() => void) | undefined;
  #paused = false;
  #run: TrainRun | undefined;
  /** Waiters for a change: an event, the end, or the pause. */
  #waiting: (() => void)[] = [];

  constructor({ trainer, dataset, options, callbacks, aborted }: ServedRunParts) {
    if (aborted) this.stop('aborted');
    const { signal } = this.#abort;
    const own: Callback = {
      onTrainBegin: (run) => {
        this.#run = run;
      },
      onStepEnd: async (step, run) => {
        this.#tell({ step });
        const goOn = run.pauseClock();
        await this.#gate();
        goOn();
      },
      onEpochEnd: (epoch) => {
        this.#tell({ epoch });
      },
      onTrainEnd: (reason) => {
        // Errors are thrown by `fit`.
        if (reason !== 'failed') this.#reason = reason;
      },
    };
    // The user's callbacks receive a step before the page does.
    trainer.fit(dataset, { ...options, signal, callbacks: [...callbacks, own] }).then(
      () => {
        const { step, epoch } = trainer;
        const reason = this.#reason === 'aborted' ? (this.#stopAsked ?? 'aborted') : this.#reason;
        this.#close({ end: { reason, step, epoch } });
      },
      (error: unknown) => {
        this.#close({ error });
      },
    );
  }

  get ended(): boolean {
    return this.#outcome !== undefined;
  }

  get paused(): boolean {
    return this.#paused && !this.ended;
  }

  /** Number of the planned last step, if it is known. */
  get lastStep(): number | undefined {
    return this.#run?.lastStep;
  }

  /** The events since the last call; waits until there is one. */
  async next(): Promise<RunPart> {
    while (this.#events.length === 0 && this.#outcome === undefined) await this.#change();
    const events = this.#events.splice(0);
    const outcome = this.#outcome;
    if (outcome === undefined) return { events };
    if ('end' in outcome) return { events, end: outcome.end };
    // Events before the failure are sent first.
    if (events.length > 0) return { events };
    throw outcome.error;
  }

  /** Pauses the run after the current step; resolves when it is paused, or has ended. */
  async pause(): Promise<void> {
    if (this.ended || this.#abort.signal.aborted) return;
    this.#paused = true;
    while (this.#paused && this.#open === undefined && !this.ended) await this.#change();
  }

  resume(): void {
    this.#paused = false;
    this.#open?.();
    this.#changed();
  }

  /** Ends the run after the current step. */
  stop(reason: 'stopped' | 'aborted'): void {
    this.#stopAsked ??= reason;
    this.#abort.abort();
    this.resume();
  }

  /** Resolves when the run has ended, successfully or not. */
  async end(): Promise<void> {
    while (!this.ended) await this.#change();
  }

  async #gate(): Promise<void> {
    while (this.#paused && !this.#abort.signal.aborted) {
      await new Promise<void>((open) => {
        this.#open = open;
        this.#changed();
      });
      this.#open = undefined;
    }
  }

  #tell(event: RunEvent): void {
    this.#events.push(event);
    this.#changed();
  }

  #close(outcome: { readonly end: RunEnd } | { readonly error: unknown }): void {
    this.#outcome = outcome;
    this.#paused = false;
    this.#changed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
