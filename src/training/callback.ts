import type { Dataset } from '../data/dataset.ts';
import type { RunningTrainer } from './running-trainer.ts';
import type { EpochInfo, LoggedInfo, StepInfo } from './step-info.ts';

/**
 * Why a run ended: its bound was reached, someone asked it to stop, its signal was aborted, or it failed.
 *
 * @example Tell a run that was stopped from one that came to its end
 * ```ts
 * const ends: TrainEndReason[] = [];
 * const note: Callback = { onStepEnd: (_, run) => run.stop(), onTrainEnd: (reason) => void ends.push(reason) };
 * await trainer.fit(dataset, { steps: 9, batchSize: 8, callbacks: [note] });
 * console.log(ends); // [ 'stopped' ]
 * ```
 */
export type TrainEndReason = 'finished' | 'stopped' | 'aborted' | 'failed';

/**
 * One call of `fit` or `steps`, as its callbacks see it.
 *
 * @example Log a number of one's own, and give up where it says so
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
  /** The trainer at work: its networks, history and snapshots. */
  readonly trainer: RunningTrainer;
  /** The data. */
  readonly dataset: Dataset;
  /** Samples in a batch. */
  readonly batchSize: number;
  /** Steps in an epoch, where the dataset knows its size. */
  readonly stepsPerEpoch: number | undefined;
  /**
   * Number of the step, over the trainer's life, that will be the last, if it is known. In a run of `minutes` it is planned: it
   * comes after the first steps, and may move until the end.
   */
  readonly lastStep: number | undefined;
  /** How many minutes the run was given; `undefined` if something else ends it. */
  readonly minutes: number | undefined;
  /** Ends the run after the step that is under way. */
  stop(): void;
  /**
   * Notes numbers beside the last step: in the history, and with every callback that listens for `onLog`, such as
   * `historyFile` and `tensorBoard`.
   *
   * @param values - The numbers, by name, such as `{ 'accuracy/heldOut': 0.9 }`; they are copied.
   * @throws TypeError where a value is not a number.
   */
  log(values: Readonly<Record<string, number>>): Promise<void>;
  /**
   * Stops the clock of a run of `minutes`, while someone holds the run. Returns what starts it again.
   *
   * @internal
   */
  pauseClock(): () => void;
}

/**
 * Something that watches a run: everything that is not the game itself.
 *
 * Every method may be left out and may be asynchronous; training waits for it. An error thrown by a callback ends the
 * run.
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
  /** Before the first step of an epoch; again where an interrupted epoch goes on. */
  onEpochBegin?(epoch: number, run: TrainRun): void | Promise<void>;
  /** After each step. */
  onStepEnd?(step: StepInfo, run: TrainRun): void | Promise<void>;
  /** After a callback, this one or another, noted numbers with `run.log`. */
  onLog?(logged: LoggedInfo, run: TrainRun): void | Promise<void>;
  /** After the last step of an epoch. */
  onEpochEnd?(epoch: EpochInfo, run: TrainRun): void | Promise<void>;
  /** Once, however the run ends; `error` is what a run failed of. */
  onTrainEnd?(reason: TrainEndReason, run: TrainRun, error?: unknown): void | Promise<void>;
}
