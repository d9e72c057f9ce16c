import type { EpochInfo, LoggedInfo, PerNetwork, StepInfo, StepMetrics } from './step-info.ts';
import { thinEntries } from './thin-entries.ts';

/**
 * A history as plain data, ready for JSON.
 *
 * @example Write a history as text and read it again
 * ```ts
 * const text = JSON.stringify(await trainer.fit(dataset, { steps: 2, batchSize: 8 }));
 * const data = JSON.parse(text) as HistoryData;
 * console.log(new History(data).steps.length); // 2
 * ```
 */
export interface HistoryData {
  /** The kept steps, in order. */
  readonly steps: readonly StepInfo[];
  /** The kept finished epochs, in order. */
  readonly epochs: readonly EpochInfo[];
  /** Numbers that callbacks logged, in order; none if left out. */
  readonly logged?: readonly LoggedInfo[] | undefined;
  /**
   * Sums over all steps, including those that were thinned out.
   *
   * @defaultValue the sums over `steps`
   */
  readonly sums?:
    | {
        /** Duration of all steps, in seconds. */
        readonly seconds: number;
        /** The epoch of the last step, with sums of losses and metrics in place of means. */
        readonly epoch: EpochInfo;
        /** In how many steps of that epoch each loss and each metric occurred, by name. */
        readonly counts: Readonly<Record<'losses' | 'metrics', Readonly<Record<string, number>>>>;
      }
    | undefined;
}

/**
 * The losses, metrics and durations of all steps and epochs over a trainer's life.
 *
 * It is complete up to 20,000 steps. In a longer run it keeps the first 100 and at least the newest
 * 5,000 steps, and every 2nd, 4th, 8th, … step between them, so memory and checkpoints do not grow
 * with the run; `epochs` and `logged` likewise. {@link History.seconds} and the means of each epoch
 * cover all steps. To get every step of a long run, use `onStepEnd`, or `historyFile` of
 * `tfjs-gan/node`, which writes a file.
 *
 * @example The last losses
 * ```ts
 * const history = await trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * console.log(history.steps.at(-1)?.losses);
 * ```
 */
export class History implements HistoryData {
  readonly #steps: StepInfo[] = [];
  readonly #epochs: EpochInfo[] = [];
  readonly #logged: LoggedInfo[] = [];
  #seconds = 0;
  /** Sums over the steps of the current epoch. */
  #epoch = emptySums(0);

  /**
   * @param data - The earlier history, if training continues; thinned out like a history that grew
   * step by step.
   */
  constructor(data: HistoryData = { steps: [], epochs: [] }) {
    for (const step of data.steps) this.addStep(step);
    for (const epoch of data.epochs) this.#addEpoch(epoch);
    for (const logged of data.logged ?? []) this.addLogged(logged);
    if (data.sums === undefined) return;
    this.#seconds = data.sums.seconds;
    const { epoch, counts } = data.sums;
    this.#epoch = { epoch, counts };
  }

  /** The steps in order: all of them up to 20,000, then fewer of the older ones. */
  get steps(): readonly StepInfo[] {
    return this.#steps;
  }

  /** The finished epochs in order: all of them up to 20,000, then fewer of the older ones. */
  get epochs(): readonly EpochInfo[] {
    return this.#epochs;
  }

  /**
   * Numbers that callbacks logged, in order: all of them up to 20,000 entries, then fewer of the
   * older ones.
   */
  get logged(): readonly LoggedInfo[] {
    return this.#logged;
  }

  /** Duration of all steps, in seconds, including those that were thinned out. */
  get seconds(): number {
    return this.#seconds;
  }

  /**
   * Adds a step.
   *
   * @param step - Its numbers.
   */
  addStep(step: StepInfo): void {
    this.#seconds += step.seconds;
    const isSame = step.epoch === this.#epoch.epoch.number;
    const sums = isSame ? this.#epoch : emptySums(step.epoch);
    this.#epoch = plusStep(sums, step);
    this.#steps.push(step);
    thinEntries(this.#steps, { step: ({ number }) => number });
  }

  /**
   * Adds numbers that a callback logged.
   *
   * @param logged - The numbers, and the step after which they were measured.
   */
  addLogged(logged: LoggedInfo): void {
    this.#logged.push(logged);
    thinEntries(this.#logged, {
      step: ({ step }) => step,
      // A number that is logged now and then must not be taken for one that is logged at every
      // step.
      series: ({ values }) => Object.keys(values).join('\n'),
    });
  }

  /**
   * Closes an epoch and computes the means of its steps.
   *
   * @param number - Number of the epoch, from 1.
   * @returns The epoch.
   */
  closeEpoch(number: number): EpochInfo {
    const sums =
      number === this.#epoch.epoch.number
        ? this.#epoch
        : this.#steps.filter((step) => step.epoch === number).reduce(plusStep, emptySums(number));
    const { counts } = sums;
    const { steps, losses, metrics, seconds } = sums.epoch;
    const epoch: EpochInfo = {
      number,
      steps,
      seconds,
      losses: mapNumbers(losses, (sum, name) => sum / counts.losses[name]!) as PerNetwork<number>,
      metrics: mapNumbers(metrics, (sum, name) => sum / counts.metrics[name]!) as StepMetrics,
    };
    this.#addEpoch(epoch);
    return epoch;
  }

  /** @returns The history as plain data. */
  toJSON(): HistoryData {
    const logged = this.#logged.length === 0 ? {} : { logged: [...this.#logged] };
    const sums = { seconds: this.#seconds, ...this.#epoch };
    return { steps: [...this.#steps], epochs: [...this.#epochs], ...logged, sums };
  }

  #addEpoch(epoch: EpochInfo): void {
    this.#epochs.push(epoch);
    thinEntries(this.#epochs, { step: ({ number }) => number });
  }
}

type Numbers = Readonly<Record<string, number>>;

/** Sums over the steps of an epoch. */
type EpochSums = Omit<NonNullable<HistoryData['sums']>, 'seconds'>;

function emptySums(number: number): EpochSums {
  const losses = {} as PerNetwork<number>;
  const metrics = {} as StepMetrics;
  return {
    epoch: { number, steps: 0, losses, metrics, seconds: 0 },
    counts: { losses: {}, metrics: {} },
  };
}

function plusStep({ epoch, counts }: EpochSums, step: StepInfo): EpochSums {
  const one = (): number => 1;
  return {
    epoch: {
      number: epoch.number,
      steps: epoch.steps + 1,
      losses: plus(epoch.losses, step.losses) as PerNetwork<number>,
      metrics: plus(epoch.metrics, step.metrics) as StepMetrics,
      seconds: epoch.seconds + step.seconds,
    },
    counts: {
      losses: plus(counts.losses, mapNumbers(step.losses, one)),
      metrics: plus(counts.metrics, mapNumbers(step.metrics, one)),
    },
  };
}

/** Sums by name. */
function plus(sums: Numbers, more: Numbers): Numbers {
  return { ...sums, ...mapNumbers(more, (value, name) => (sums[name] ?? 0) + value) };
}

function mapNumbers(numbers: Numbers, map: (value: number, name: string) => number): Numbers {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, map(value, name)]),
  );
}
