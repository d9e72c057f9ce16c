import { eventLoopTurn } from '../core/event-loop.ts';
import { formatValue } from '../core/format.ts';
import { deriveSeed } from '../core/random.ts';
import type { Batch, Dataset } from '../data/dataset.ts';
import type { TrainEndReason, TrainRun } from './callback.ts';
import { epochBatches } from './epoch-batches.ts';
import type { History } from './history.ts';
import { notify, notifyEnd } from './notify.ts';
import { PartStopwatch } from './part-stopwatch.ts';
import { warnAboutSlowBackend } from './slow-backend.ts';
import type { EpochInfo, LoggedInfo, StepInfo } from './step-info.ts';
import type { StepRunner } from './step-runner.ts';
import {
  lastStepOf,
  planRun,
  type RunPlan,
  type TrainOptions,
  warnAboutUnknownSize,
} from './train-options.ts';
import type { Trainer } from './trainer.ts';
import { untilAborted } from './until-aborted.ts';
import type { DataCursor } from './trainer-snapshot.ts';

/** Where a trainer stands; a run moves it. @internal */
export interface TrainerState {
  /** How many steps were made. */
  step: number;
  /** How many real samples they used. */
  samples: number;
  /** Where it stands in the data. */
  cursor: DataCursor;
  /** What happened so far. */
  history: History;
  /** The step under way, if there is one: to be waited for before anything reads the state. */
  underWay: Promise<void> | undefined;
}

/** What a {@link TrainingRun} works with. @internal */
export interface TrainingRunParts {
  readonly trainer: Trainer;
  readonly state: TrainerState;
  readonly runner: StepRunner;
  readonly seed: number;
  readonly dataset: Dataset;
  readonly options: TrainOptions;
  /** Throws where the trainer or a network was disposed. */
  readonly checkAlive: () => void;
}

/** A played step, and the epoch it ended, if it did. */
interface Played {
  readonly step: StepInfo;
  readonly epoch: EpochInfo | undefined;
}

/**
 * One call of `fit` or `steps`: epochs, batches, callbacks, and when to stop.
 *
 * @internal
 */
export class TrainingRun {
  readonly #parts: TrainingRunParts;
  readonly #plan: RunPlan;
  readonly #run: TrainRun;
  readonly #time = new PartStopwatch();
  readonly #stopped = new AbortController();
  #epochsLeft: number;

  constructor(parts: TrainingRunParts) {
    const { trainer, state, runner, dataset, options } = parts;
    const start = { ...state, batchesPerStep: runner.batchesPerStep };
    this.#parts = parts;
    this.#plan = planRun(dataset, options, start);
    this.#epochsLeft = this.#plan.moreEpochs;
    this.#run = {
      trainer,
      dataset,
      batchSize: this.#plan.batchSize,
      stepsPerEpoch: this.#plan.stepsPerEpoch,
      lastStep: lastStepOf(this.#plan, start),
      stop: () => {
        this.#stopped.abort();
      },
      log: (values) => this.#log(values),
    };
  }

  /** The steps of the run, as they happen. */
  async *steps(): AsyncGenerator<StepInfo, void, void> {
    const { callbacks = [] } = this.#parts.options;
    // A consumer's break leaves the generator at a yield, and this as it is.
    let reason: TrainEndReason = 'stopped';
    let failure: { readonly error: unknown } | undefined;
    try {
      yield* this.#epochs();
      reason = this.#aborted() ? 'aborted' : this.#stopAsked() ? 'stopped' : 'finished';
    } catch (error) {
      reason = 'failed';
      failure = { error };
    } finally {
      // The first failure is what went wrong; one at the end, often its consequence, must not hide it.
      const atEnd = await notifyEnd(callbacks, reason, this.#run, failure?.error);
      failure ??= atEnd;
    }
    if (failure !== undefined) throw failure.error;
  }

  async *#epochs(): AsyncGenerator<StepInfo, void, void> {
    const { state, trainer, dataset, options } = this.#parts;
    const { callbacks = [] } = options;
    const { batchSize, pass, lastEpoch } = this.#plan;
    warnAboutUnknownSize(dataset, this.#plan);
    warnAboutSlowBackend([trainer.generator.model, trainer.discriminator.model], batchSize);
    await notify(callbacks, 'onTrainBegin', this.#run);
    while (!this.#ended() && this.#epochsLeft > 0 && state.cursor.epoch < lastEpoch) {
      // An interrupted epoch goes on only through the same data in the same batches; else the pass begins anew.
      if (state.cursor.pass !== pass) state.cursor = { ...state.cursor, batch: 0, pass };
      const { epoch } = state.cursor;
      await notify(callbacks, 'onEpochBegin', epoch + 1, this.#run);
      let stepsMade = 0;
      for await (const played of this.#epochSteps()) {
        stepsMade += 1;
        await notify(callbacks, 'onStepEnd', played.step, this.#run);
        if (played.epoch !== undefined)
          await notify(callbacks, 'onEpochEnd', played.epoch, this.#run);
        yield played.step;
        if (this.#ended() || played.epoch !== undefined) break;
        await eventLoopTurn();
      }
      // A stream tells the end of its pass only by having no more; a run may have ended just before.
      const exhausted = state.cursor.epoch === epoch && !this.#ended();
      if (exhausted) await notify(callbacks, 'onEpochEnd', this.#closeEpoch(), this.#run);
      if (stepsMade > 0 && state.cursor.epoch > epoch) this.#epochsLeft -= 1;
    }
  }

  /** The steps of the rest of the current epoch. */
  async *#epochSteps(): AsyncGenerator<Played, void, void> {
    const { state, runner, seed, dataset, trainer } = this.#parts;
    const { batchesPerStep } = runner;
    const { batchSize } = this.#plan;
    const { epoch, batch: firstBatch } = state.cursor;
    const pass = {
      batchSize,
      seed: deriveSeed(seed, 'data', epoch),
      firstBatch,
      batchesPerStep,
    };
    const expected = {
      dataset,
      shape: trainer.discriminator.inputShape,
      valueRange: trainer.generator.valueRange,
    };
    if (this.#ended()) return;
    this.#time.lap('callbacks');
    const { signal } = this.#parts.options;
    const ends = [this.#stopped.signal, ...(signal === undefined ? [] : [signal])];
    for await (const batches of untilAborted(epochBatches(dataset, pass, expected), ends)) {
      this.#time.lap('data');
      // Much may have happened while the data were on their way.
      if (this.#ended()) return;
      this.#parts.checkAlive();
      const played = this.#play(batches);
      const clear = (): void => {
        state.underWay = undefined;
      };
      state.underWay = played.then(clear, clear);
      yield await played;
      this.#time.lap('callbacks');
    }
    if (state.cursor.batch > 0 || this.#ended()) return;
    throw new RangeError(
      `Cannot train: a pass through the dataset '${dataset.name}' must give at least ${batchesPerStep} full ` +
        `batch(es) of ${batchSize} samples, got fewer. Lower batchSize`,
    );
  }

  async #play(batches: readonly Batch[]): Promise<Played> {
    const { state, runner } = this.#parts;
    const progress = {
      step: state.step + 1,
      samples: state.samples,
      plannedSteps: this.#run.lastStep,
    };
    const numbers = await runner.play(batches, progress, (part) => {
      this.#time.lap(part);
    });
    this.#time.lap('read');
    const partSeconds = this.#time.take();
    const batch = state.cursor.batch + batches.length;
    state.step += 1;
    state.cursor = { ...state.cursor, batch };
    const step: StepInfo = {
      number: state.step,
      epoch: state.cursor.epoch + 1,
      stepInEpoch: batch / batches.length,
      samples: batches.reduce((sum, { samples }) => sum + (samples.shape[0] ?? 0), 0),
      ...numbers,
      learningRates: runner.learningRates,
      seconds: partSeconds.discriminator + partSeconds.generator + partSeconds.read,
      partSeconds,
    };
    state.samples += step.samples;
    state.history.addStep(step);
    // Closed at once, so that whoever stops here, or takes a snapshot, stands at the beginning of the next epoch.
    const isLast = step.stepInEpoch === this.#plan.stepsPerEpoch;
    return { step, epoch: isLast ? this.#closeEpoch() : undefined };
  }

  #closeEpoch(): EpochInfo {
    const { state } = this.#parts;
    const epoch = state.cursor.epoch + 1;
    state.cursor = { epoch, batch: 0, pass: '' };
    return state.history.closeEpoch(epoch);
  }

  async #log(values: LoggedInfo['values']): Promise<void> {
    const { state, options } = this.#parts;
    checkLogged(values);
    const logged: LoggedInfo = { step: state.step, values: { ...values } };
    state.history.addLogged(logged);
    await notify(options.callbacks ?? [], 'onLog', logged, this.#run);
  }

  #ended(): boolean {
    return this.#stopAsked() || this.#aborted() || this.#parts.state.step >= this.#plan.lastStep;
  }

  #stopAsked(): boolean {
    return this.#stopped.signal.aborted;
  }

  #aborted(): boolean {
    return this.#parts.options.signal?.aborted === true;
  }
}

function checkLogged(values: LoggedInfo['values']): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number') continue;
    throw new TypeError(`Cannot log: '${name}' must be a number, got ${formatValue(value)}`);
  }
}
