import type { Dataset } from '../data/dataset.ts';
import type { RunningTrainer } from './running-trainer.ts';
import type { EpochInfo, LoggedInfo, StepInfo } from './step-info.ts';

/**
 * Why a run ended: it reached its bound, a callback stopped it, its signal was aborted, or it
 * failed.
 *
 * @example Distinguish a stopped run from a finished one
 * ```ts
 * const ends: TrainEndReason[] = [];
 * const note: Callback = { onStepEnd: (_, run) => run.stop(), onTrainEnd: (reason) => void ends.push(reason) };
 * await trainer.fit(dataset, { steps: 9, batchSize: 8, callbacks: [note] });
 * console.log(ends); // [ 'stopped' ]
 * ```
 */
export type TrainEndReason = 'finished' | 'stopped' | 'aborted' | 'failed';

/**
 * One call of `fit` or `steps`, as callbacks see it.
 *
 * @example Log a custom number and stop the run when it is too high
 * ```ts
 * const watch = async ({ number, metrics }: StepInfo, run: TrainRun): Promise<void> => {
 *   await run.log({ 'share/fooling': 1 - metrics['accuracy/fake'] });
 *   if (number > 500 && metrics['accuracy/fake'] === 1) run.stop();
 * };
 * const { logged } = await trainer.fit(dataset, { steps: 2, batchSize: 8, callbacks: [{ onStepEnd: watch }] });
 * console.log(logged.map(({ step }) => step)); // [ 1, 2 ]
 * ```
 */
export interface TrainRun {
  /** The running trainer: its networks, history and snapshots. */
  readonly trainer: RunningTrainer;
  /** The data. */
  readonly dataset: Dataset;
  /** Batch size, in samples. */
  readonly batchSize: number;
  /** Steps in an epoch, if the dataset knows its size. */
  readonly stepsPerEpoch: number | undefined;
  /**
   * Number of the last step, counted over the trainer's life, if it is known. In a run of `minutes`
   * it is planned after the first steps, and may change until the end.
   */
  readonly lastStep: number | undefined;
  /** Duration of the run in minutes; `undefined` if something else ends it. */
  readonly minutes: number | undefined;
  /** Ends the run after the current step. */
  stop(): void;
  /**
   * Logs numbers for the last step: in the history, and to every callback that has `onLog`, such as
   * `historyFile` and `tensorBoard`.
   *
   * @param values - The numbers, by name, such as `{ 'accuracy/heldOut': 0.9 }`; they are copied.
   * @throws TypeError if a value is not a number.
   */
  log(values: Readonly<Record<string, number>>): Promise<void>;
  /**
   * Stops the clock of a run of `minutes`, while someone holds the run. Returns what starts it
   * again.
   *
   * @internal
   */
  pauseClock(): () => void;
}

/**
 * Observes a run: logging, saving, evaluating, stopping.
 *
 * Every method is optional and may be asynchronous; training waits for it. An error thrown by a
 * callback ends the run.
 *
 * @example Print the losses of every hundredth step
 * ```ts
 * const printer: Callback = {
 *   onStepEnd: (step) => {
 *     if (step.number % 100 === 0) console.log(step.number, step.losses);
 *   },
 * };
 * await trainer.fit(dataset, { steps: 1, batchSize: 8, callbacks: [printer] });
 * ```
 */
export interface Callback {
  /** Before the first step. */
  onTrainBegin?(run: TrainRun): void | Promise<void>;
  /** Before the first step of an epoch; called again when an interrupted epoch continues. */
  onEpochBegin?(epoch: number, run: TrainRun): void | Promise<void>;
  /** After each step. */
  onStepEnd?(step: StepInfo, run: TrainRun): void | Promise<void>;
  /** After any callback, this one included, logged numbers with `run.log`. */
  onLog?(logged: LoggedInfo, run: TrainRun): void | Promise<void>;
  /** After the last step of an epoch. */
  onEpochEnd?(epoch: EpochInfo, run: TrainRun): void | Promise<void>;
  /** Once, however the run ends; `error` is the error of a failed run. */
  onTrainEnd?(reason: TrainEndReason, run: TrainRun, error?: unknown): void | Promise<void>;
}
