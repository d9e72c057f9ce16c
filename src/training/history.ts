import type { EpochInfo, LoggedInfo, StepInfo } from './step-info.ts';

/**
 * A history as plain data, fit for JSON.
 *
 * @example Keep a history as text, and read it again
 * ```ts
 * const text = JSON.stringify(await trainer.fit(dataset, { steps: 2, batchSize: 8 }));
 * const data = JSON.parse(text) as HistoryData;
 * console.log(new History(data).steps.length); // 2
 * ```
 */
export interface HistoryData {
  /** Every step, in order. */
  readonly steps: readonly StepInfo[];
  /** Every finished epoch, in order. */
  readonly epochs: readonly EpochInfo[];
  /** What callbacks measured beside the steps, in order; none where it is left out. */
  readonly logged?: readonly LoggedInfo[] | undefined;
}

/**
 * What happened over a trainer's life, step by step and epoch by epoch.
 *
 * @example The last losses
 * ```ts
 * const history = await trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * console.log(history.steps.at(-1)?.losses);
 * ```
 */
export class History implements HistoryData {
  readonly #steps: StepInfo[];
  readonly #epochs: EpochInfo[];
  readonly #logged: LoggedInfo[];

  /** @param data - What happened before, where training goes on. */
  constructor(data: HistoryData = { steps: [], epochs: [] }) {
    this.#steps = [...data.steps];
    this.#epochs = [...data.epochs];
    this.#logged = [...(data.logged ?? [])];
  }

  /** Every step, in order. */
  get steps(): readonly StepInfo[] {
    return this.#steps;
  }

  /** Every finished epoch, in order. */
  get epochs(): readonly EpochInfo[] {
    return this.#epochs;
  }

  /** What callbacks measured beside the steps, in order. */
  get logged(): readonly LoggedInfo[] {
    return this.#logged;
  }

  /**
   * Writes a step down.
   *
   * @param step - What happened.
   */
  addStep(step: StepInfo): void {
    this.#steps.push(step);
  }

  /**
   * Writes down what a callback measured.
   *
   * @param logged - The numbers, and after which step.
   */
  addLogged(logged: LoggedInfo): void {
    this.#logged.push(logged);
  }

  /**
   * Closes an epoch: sums up the steps that belong to it.
   *
   * @param number - Number of the epoch, from 1.
   * @returns The epoch.
   */
  closeEpoch(number: number): EpochInfo {
    const steps = this.#steps.filter((step) => step.epoch === number);
    const mean = (read: (step: StepInfo) => number): number =>
      steps.reduce((sum, step) => sum + read(step), 0) / steps.length;
    const epoch: EpochInfo = {
      number,
      steps: steps.length,
      losses: {
        discriminator: mean((step) => step.losses.discriminator),
        generator: mean((step) => step.losses.generator),
      },
      accuracy: {
        real: mean((step) => step.accuracy.real),
        fake: mean((step) => step.accuracy.fake),
      },
      seconds: steps.reduce((sum, step) => sum + step.seconds, 0),
    };
    this.#epochs.push(epoch);
    return epoch;
  }

  /** @returns The history as plain data. */
  toJSON(): HistoryData {
    const logged = this.#logged.length === 0 ? {} : { logged: [...this.#logged] };
    return { steps: [...this.#steps], epochs: [...this.#epochs], ...logged };
  }
}
