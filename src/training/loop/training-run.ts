import { eventLoopTurn } from '../../core/event-loop.ts';
import { formatValue } from '../../core/format.ts';
import { deriveSeed } from '../../core/random.ts';
import { shareAt } from '../../core/schedules/run-course.ts';
import type { TrainingProgress } from '../../core/schedules/schedule.ts';
import type { Batch, Dataset } from '../../data/dataset.ts';
import type { TrainEndReason, TrainRun } from '../callback.ts';
import type { ConditionRecord } from '../../models/conditions.ts';
import { rowsOf, tensorsOf } from '../step/batch-tensors.ts';
import { conditionRecords } from './condition-data.ts';
import { epochBatches } from './epoch-batches.ts';
import { warnAboutFewImages } from './few-images.ts';
import type { History } from '../history.ts';
import { notify, notifyEnd } from './notify.ts';
import { PartStopwatch } from './part-stopwatch.ts';
import { warnAboutSlowBackend } from './slow-backend.ts';
import { type DataDescription, describeData } from '../state/describe-networks.ts';
import type { EpochInfo, LoggedInfo, StepInfo } from '../step-info.ts';
import type { PlayedStep, StepTransaction } from '../step/step-transaction.ts';
import {
  planRun,
  planSteps,
  type RunPlan,
  type TrainOptions,
  warnAboutUnknownSize,
} from './train-options.ts';
import type { RunningTrainer } from '../running-trainer.ts';
import { TimePlanner } from './time-planner.ts';
import { untilAborted } from './until-aborted.ts';
import type { DataCursor, TrainingPlan } from '../state/trainer-snapshot.ts';

/** The trainer's position; a run advances it. @internal */
export interface TrainerState {
  /** How many steps were trained. */
  step: number;
  /** How many real samples they used. */
  samples: number;
  /** The position in the data. */
  cursor: DataCursor;
  /** The history so far. */
  history: History;
  /** The planned end of the last run. */
  plan: TrainingPlan | undefined;
  /** The data of the last run. */
  data: DataDescription | undefined;
  /** The current step, if there is one: await it before reading any state. */
  underWay: Promise<void> | undefined;
  /** Whether a run is active. */
  isRunning: boolean;
  /** Datasets whose values caused a warning. */
  readonly warned: WeakSet<Dataset>;
  /** Datasets whose classes caused a warning. */
  readonly warnedOfClasses: WeakSet<Dataset>;
  /** Datasets whose size caused a warning. */
  readonly warnedOfSize: WeakSet<Dataset>;
}

/** The parts of a {@link TrainingRun}. @internal */
export interface TrainingRunParts {
  readonly trainer: RunningTrainer;
  readonly state: TrainerState;
  readonly transaction: StepTransaction;
  readonly seed: number;
  readonly dataset: Dataset;
  readonly options: TrainOptions;
  /** Throws if another run of the trainer is active. */
  readonly checkIdle: () => void;
  /** Throws if the trainer or a network was disposed. */
  readonly checkAlive: () => void;
}

/** The numbers of a step that are in the history. */
type ShownNumbers = Pick<
  StepInfo,
  'losses' | 'terms' | 'gradientNorms' | 'learningRates' | 'metrics' | 'constraintMetrics'
>;

function shown(numbers: PlayedStep): ShownNumbers {
  const { losses, terms, gradientNorms, learningRates, metrics, constraintMetrics } = numbers;
  const all = { losses, terms, gradientNorms, learningRates, metrics, constraintMetrics };
  // The names are those of the game's turns and networks; the types name those of the adversarial
  // game.
  return all as ShownNumbers;
}

/** A pass through the data, or the rest of one. */
interface EpochPass {
  readonly batches: AsyncIterable<readonly Batch[]>;
  /** How many epochs were finished when it began. */
  readonly epoch: number;
  /** Number of steps in it. */
  steps: number;
}

/** A finished step, and the epoch that it ended and the new plan, if any. */
interface Played {
  readonly step: StepInfo;
  readonly epoch: EpochInfo | undefined;
  /** The new plan, if there is one. */
  readonly plan: LoggedInfo | undefined;
}

/**
 * One call of `fit` or `steps`: epochs, batches, callbacks, and the end of the run.
 *
 * @internal
 */
export class TrainingRun {
  readonly #parts: TrainingRunParts;
  readonly #time = new PartStopwatch();
  readonly #stopped = new AbortController();
  #plan!: RunPlan;
  /** What it is planned to end with, if that is known from the beginning. */
  #fixed: TrainingPlan | undefined;
  /** What plans a run of minutes. */
  #planner: TimePlanner | undefined;
  #run!: TrainRun;
  #epochsLeft = 0;
  /** The distribution of conditions, as the first batch shows it. */
  #conditions: Readonly<Record<string, ConditionRecord>> | undefined;

  constructor(parts: TrainingRunParts) {
    this.#parts = parts;
  }

  /** The steps of the run, as they happen. */
  async *steps(): AsyncGenerator<StepInfo, void, void> {
    const { state, checkIdle, options } = this.#parts;
    const { callbacks = [] } = options;
    checkIdle();
    this.#prepare();
    state.isRunning = true;
    // A consumer's `break` leaves the generator at a yield, with this value.
    let reason: TrainEndReason = 'stopped';
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#begin();
      while (!this.#ended() && this.#epochsLeft > 0 && state.cursor.epoch < this.#plan.lastEpoch) {
        const pass = await this.#beginEpoch();
        for await (const batches of pass.batches) {
          this.#conditions ??= await this.#conditionsOf(batches[0]!);
          this.#time.lap('data');
          // The run may have been aborted while waiting for the data.
          if (this.#ended()) break;
          this.#parts.checkAlive();
          const playing = this.#play(batches);
          const clear = (): void => {
            state.underWay = undefined;
          };
          state.underWay = playing.then(clear, clear);
          const played = await playing;
          pass.steps += 1;
          // First, so that whatever writes after this step writes the plan with it.
          if (played.plan !== undefined) {
            await notify(callbacks, 'onLog', played.plan, this.#run);
          }
          await notify(callbacks, 'onStepEnd', played.step, this.#run);
          if (played.epoch !== undefined) {
            await notify(callbacks, 'onEpochEnd', played.epoch, this.#run);
          }
          yield played.step;
          if (this.#ended() || played.epoch !== undefined) break;
          await eventLoopTurn();
          this.#time.lap('callbacks');
        }
        await this.#endEpoch(pass);
      }
      reason = this.#aborted() ? 'aborted' : this.#stopAsked() ? 'stopped' : 'finished';
    } catch (error) {
      reason = 'failed';
      failure = { error };
    } finally {
      // The first error is the cause; a later one, often its consequence, must not hide it.
      const atEnd = await notifyEnd(callbacks, reason, this.#run, failure?.error);
      failure ??= atEnd;
      state.isRunning = false;
    }
    if (failure !== undefined) throw failure.error;
  }

  /**
   * Plans the run from the trainer's current position, which may differ from that at the time of
   * the call.
   */
  #prepare(): void {
    const { trainer, state, transaction, dataset, options } = this.#parts;
    const start = { ...state, batchesPerStep: transaction.batchesPerStep };
    this.#plan = planRun(dataset, options, start);
    const { minutes } = options;
    if (minutes === undefined) this.#fixed = planSteps(this.#plan, start, state.plan);
    else {
      const { pass, lastStep: latestStep } = this.#plan;
      const [former, trainedSeconds] = [state.plan, state.history.seconds];
      const { step } = state;
      this.#planner = new TimePlanner({ minutes, step, latestStep, pass, former, trainedSeconds });
    }
    this.#epochsLeft = this.#plan.moreEpochs;
    const lastStep = (): number | undefined => this.#steps?.lastStep;
    this.#run = {
      trainer,
      dataset,
      batchSize: this.#plan.batchSize,
      stepsPerEpoch: this.#plan.stepsPerEpoch,
      get lastStep() {
        return lastStep();
      },
      minutes,
      stop: () => {
        this.#stopped.abort();
      },
      log: (values) => this.#log(values),
      pauseClock: () => this.#planner?.pause() ?? (() => undefined),
    };
  }

  async #begin(): Promise<void> {
    const { trainer, state, transaction, dataset, options } = this.#parts;
    const { batchSize } = this.#plan;
    const steps = (this.#fixed?.lastStep ?? Infinity) - state.step;
    const samples = steps * batchSize * transaction.batchesPerStep;
    const models = Object.values(trainer.game.networks).map(({ network }) => network.model);
    warnAboutUnknownSize(dataset, this.#plan);
    warnAboutSlowBackend(models, batchSize);
    warnAboutFewImages(dataset, trainer.game, samples, state.warnedOfSize);
    await notify(options.callbacks ?? [], 'onTrainBegin', this.#run);
  }

  /** Begins an epoch, or continues one that was interrupted. */
  async #beginEpoch(): Promise<EpochPass> {
    const { state, transaction, seed, dataset, trainer, options } = this.#parts;
    const { batchSize, pass } = this.#plan;
    // An interrupted epoch continues only with the same data in the same batches; otherwise the
    // pass begins anew.
    if (state.cursor.pass !== pass) state.cursor = { ...state.cursor, batch: 0, pass };
    const { epoch, batch: firstBatch } = state.cursor;
    await notify(options.callbacks ?? [], 'onEpochBegin', epoch + 1, this.#run);
    const { batchesPerStep } = transaction;
    const tensors = Object.keys(trainer.game.batch);
    const dataSeed = deriveSeed(seed, 'data', epoch);
    const order = { batchSize, seed: dataSeed, firstBatch, batchesPerStep, tensors };
    const expected = {
      dataset,
      batch: trainer.game.batch,
      valueRange: trainer.generator.valueRange,
      warned: state.warned,
    };
    this.#time.lap('callbacks');
    const { signal } = options;
    const ends = [this.#stopped.signal, ...(signal === undefined ? [] : [signal])];
    return {
      batches: untilAborted(epochBatches(dataset, order, expected), ends),
      epoch,
      steps: 0,
    };
  }

  /** Ends a pass through the data, even if it is incomplete. */
  async #endEpoch({ epoch, steps }: EpochPass): Promise<void> {
    const { state, dataset, options, transaction } = this.#parts;
    if (steps === 0 && state.cursor.batch === 0 && state.cursor.epoch === epoch && !this.#ended()) {
      throw new RangeError(
        `Cannot train: a pass through the dataset '${dataset.name}' must return at least ${transaction.batchesPerStep} full ` +
          `batch(es) of ${this.#plan.batchSize} samples, got fewer. Lower batchSize`,
      );
    }
    // A stream shows the end of its pass only by having no more batches; a run may have ended just
    // before.
    const exhausted = state.cursor.epoch === epoch && !this.#ended();
    if (exhausted) {
      await notify(options.callbacks ?? [], 'onEpochEnd', this.#closeEpoch(), this.#run);
    }
    if (steps > 0 && state.cursor.epoch > epoch) this.#epochsLeft -= 1;
  }

  async #play(batches: readonly Batch[]): Promise<Played> {
    const { state, transaction } = this.#parts;
    const numbers = await transaction.play(batches.map(tensorsOf), this.#progress(), (turn) => {
      this.#time.turn(turn);
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
      samples: batches.reduce((sum, batch) => sum + rowsOf(batch), 0),
      ...shown(numbers),
      seconds:
        Object.values(partSeconds.turns).reduce((sum, part) => sum + part, 0) + partSeconds.read,
      partSeconds,
    };
    state.samples += step.samples;
    const isPlanned = this.#planner?.afterStep(step.number, step.seconds + partSeconds.data);
    state.plan = this.#steps;
    this.#noteData();
    state.history.addStep(step);
    const plan =
      isPlanned === true ? this.#addLogged({ plannedSteps: state.plan!.lastStep! }) : undefined;
    // Closed at once, so that a run that stops here, and a snapshot, are at the beginning of the
    // next epoch.
    const isLast = step.stepInEpoch === this.#plan.stepsPerEpoch;
    return { step, plan, epoch: isLast ? this.#closeEpoch() : undefined };
  }

  /** How far training is in the step that comes. */
  #progress(): TrainingProgress {
    const { step: made, samples } = this.#parts.state;
    const step = made + 1;
    const { lastStep: plannedSteps, points } = this.#steps ?? {};
    if (points !== undefined) {
      const course = { points, lastStep: plannedSteps };
      return { step, samples, plannedSteps, share: shareAt(course, step), course };
    }
    const share = plannedSteps === undefined ? undefined : made / plannedSteps;
    return { step, samples, plannedSteps, share };
  }

  /** What it is planned to end with now. */
  get #steps(): TrainingPlan | undefined {
    return this.#planner?.plan ?? this.#fixed;
  }

  #conditionsOf(batch: Batch): Promise<Readonly<Record<string, ConditionRecord>>> {
    const { state, dataset, trainer } = this.#parts;
    // Data are the same if their name and size are.
    const { data } = state;
    const isSame = data?.name === dataset.name && data.size === finite(dataset.size);
    return conditionRecords(dataset, batch, trainer.game, isSame ? data.conditions : {});
  }

  /**
   * Records the data of the run after its first step, for snapshots and for conditions that
   * generators draw.
   */
  #noteData(): void {
    const { state, dataset, trainer } = this.#parts;
    const conditions = this.#conditions ?? {};
    if (state.data?.conditions === conditions) return;
    state.data = describeData(dataset, this.#plan.batchSize, conditions);
    for (const generator of Object.values(trainer.game.generators)) {
      generator.recordConditions(conditions);
    }
  }

  #closeEpoch(): EpochInfo {
    const { state } = this.#parts;
    const epoch = state.cursor.epoch + 1;
    state.cursor = { epoch, batch: 0, pass: '' };
    return state.history.closeEpoch(epoch);
  }

  async #log(values: LoggedInfo['values']): Promise<void> {
    checkLogged(values);
    const logged = this.#addLogged(values);
    await notify(this.#parts.options.callbacks ?? [], 'onLog', logged, this.#run);
  }

  #addLogged(values: LoggedInfo['values']): LoggedInfo {
    const { state } = this.#parts;
    const logged: LoggedInfo = { step: state.step, values: { ...values } };
    state.history.addLogged(logged);
    return logged;
  }

  #ended(): boolean {
    const planned = this.#planner?.plan.lastStep ?? Infinity;
    const lastStep = Math.min(this.#plan.lastStep, planned);
    return this.#stopAsked() || this.#aborted() || this.#parts.state.step >= lastStep;
  }

  #stopAsked(): boolean {
    return this.#stopped.signal.aborted;
  }

  #aborted(): boolean {
    return this.#parts.options.signal?.aborted === true;
  }
}

function finite(size: number | undefined): number | undefined {
  return Number.isFinite(size) ? size : undefined;
}

function checkLogged(values: LoggedInfo['values']): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number') continue;
    throw new TypeError(`Cannot log: '${name}' must be a number, got ${formatValue(value)}`);
  }
}
