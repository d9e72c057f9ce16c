import { getBackend } from '@tensorflow/tfjs';
import { checkNonNegativeInteger } from '../core/checks.ts';
import { eventLoopTurn } from '../core/event-loop.ts';
import { deriveSeed } from '../core/random.ts';
import { stopwatch } from '../core/stopwatch.ts';
import type { Batch, Dataset } from '../data/dataset.ts';
import { BceLoss } from '../losses/adversarial/bce.ts';
import type { Loss } from '../losses/loss.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import type { TrainEndReason, TrainRun } from './callback.ts';
import { checkLoss, checkOptimizer, checkPlayers, checkUpdates } from './check-parts.ts';
import { describeConfiguration, type TrainerConfiguration } from './configuration.ts';
import { epochBatches } from './epoch-batches.ts';
import { History } from './history.ts';
import { checkSnapshot, readState, type RestoreOptions, writeState } from './restore.ts';
import { warnAboutSlowBackend } from './slow-backend.ts';
import type { StepInfo } from './step-info.ts';
import { StepRunner } from './step-runner.ts';
import type { UpdatesPerStep } from './steps/adversarial-step.ts';
import {
  checkDataset,
  lastStepOf,
  planRun,
  type RunPlan,
  type TrainOptions,
} from './train-options.ts';
import type { DataCursor, TrainerSnapshot } from './trainer-snapshot.ts';

/** Settings of {@link Trainer}. */
export interface TrainerOptions {
  /** The player that makes samples. */
  readonly generator: Generator;
  /** The player that judges them; it takes what the generator makes. */
  readonly discriminator: Discriminator;
  /**
   * What each player wants.
   *
   * @defaultValue `new BceLoss()`
   */
  readonly loss?: Loss | undefined;
  /**
   * How each player's weights move.
   *
   * @defaultValue `adam()` for both: learning rate 0.0002, β₁ 0.5, as in DCGAN
   */
  readonly optimizers?:
    Partial<Readonly<Record<'generator' | 'discriminator', OptimizerSpec | undefined>>> | undefined;
  /**
   * How often each player moves in one step.
   *
   * @defaultValue once each
   */
  readonly updatesPerStep?: UpdatesPerStep | undefined;
  /**
   * Decides the order of the data, the latents and the noise inside layers. The same seed on the same backend gives
   * the same training, to the bit.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/**
 * Trains a generator against a discriminator.
 *
 * It moves the players, counts steps and epochs, calls callbacks and remembers history; the mathematics is in its
 * parts. It owns the optimizers' memory, not the players.
 *
 * @example The parts by hand
 * ```ts
 * const trainer = new Trainer({
 *   generator: mlpGenerator({ sampleShape: [2], latentSize: 2 }),
 *   discriminator: mlpDiscriminator({ sampleShape: [2] }),
 *   loss: new BceLoss(),
 *   optimizers: { generator: adam(), discriminator: adam({ learningRate: 1e-4 }) },
 *   seed: 7,
 * });
 * await trainer.fit(ring8({ size: 512 }), { steps: 3, batchSize: 32 });
 * trainer.dispose();
 * ```
 */
export class Trainer {
  /** The player that makes samples. */
  readonly generator: Generator;
  /** The player that judges them. */
  readonly discriminator: Discriminator;
  /** Every setting that decides what training computes, by name. */
  readonly configuration: TrainerConfiguration;
  readonly #runner: StepRunner;
  readonly #seed: number;
  #history = new History();
  #steps = 0;
  #cursor: DataCursor = { epoch: 0, batch: 0, pass: '' };
  #running = false;
  #underWay: Promise<void> = Promise.resolve();
  #disposed = false;

  /**
   * @param options - Players, loss, optimizers and seed.
   * @throws TypeError where a part is of the wrong kind, such as a `tf.Optimizer` in place of a spec.
   * @throws RangeError where the players do not fit each other or a number is out of range.
   */
  constructor(options: TrainerOptions) {
    const { generator, discriminator, loss = new BceLoss(), seed = 42 } = options;
    checkPlayers(generator, discriminator);
    checkLoss(loss);
    checkNonNegativeInteger('create a Trainer', 'seed', seed);
    const optimizers = {
      generator: checkOptimizer('generator', options.optimizers?.generator),
      discriminator: checkOptimizer('discriminator', options.optimizers?.discriminator),
    };
    const updates = checkUpdates(options.updatesPerStep);
    this.generator = generator;
    this.discriminator = discriminator;
    this.#seed = seed;
    this.#runner = new StepRunner({ generator, discriminator, loss, optimizers, updates, seed });
    this.configuration = describeConfiguration({ generator, loss, optimizers, updates, seed });
  }

  /** What happened over the trainer's life. */
  get history(): History {
    return this.#history;
  }

  /** How many steps it made, those before a restore included. */
  get step(): number {
    return this.#steps;
  }

  /** How many epochs it finished, those before a restore included. */
  get epoch(): number {
    return this.#cursor.epoch;
  }

  /**
   * Trains until a bound is reached, the signal is aborted or a callback asks to stop.
   *
   * @param dataset - The real samples.
   * @param options - How long, in what batches, watched by whom; one of `epochs`, `steps` and `until` is needed, or a
   * `signal`.
   * @returns The history of the trainer's whole life.
   * @throws RangeError where the data do not fit the players or nothing bounds the run.
   * @throws TrainingDivergedError where a loss or gradient is not finite; the players are put back first.
   *
   * @example Five epochs
   * ```ts no-run
   * const history = await trainer.fit(dataset, { epochs: 5, batchSize: 64 });
   * ```
   */
  async fit(dataset: Dataset, options: TrainOptions): Promise<History> {
    const { epochs, steps, until, signal } = options;
    if ((epochs ?? steps ?? until?.epochs ?? until?.steps ?? signal) === undefined) {
      throw new RangeError(
        'Cannot train: fit must be told when to end, got no epochs, steps, until or signal. Pass { epochs: 5 }, ' +
          'or use trainer.steps() to decide step by step',
      );
    }
    const run = this.steps(dataset, options);
    while ((await run.next()).done !== true);
    return this.#history;
  }

  /**
   * Trains step by step: endless unless bounded; `break` ends the run properly.
   *
   * @param dataset - The real samples.
   * @param options - In what batches, watched by whom, and how long at most.
   * @returns What happened in each step, as it happens.
   * @throws RangeError where the data do not fit the players.
   * @throws TrainingDivergedError where a loss or gradient is not finite; the players are put back first.
   *
   * @example Stop when the discriminator is fooled
   * ```ts
   * for await (const step of trainer.steps(dataset, { batchSize: 8, steps: 3 })) {
   *   if (step.accuracy.fake < 0.5) break;
   * }
   * ```
   */
  steps(dataset: Dataset, options: TrainOptions = {}): AsyncGenerator<StepInfo, void, void> {
    this.#checkIdle('train');
    checkDataset(dataset, this.discriminator.inputShape);
    const start = {
      step: this.#steps,
      cursor: this.#cursor,
      batchesPerStep: this.#runner.batchesPerStep,
    };
    const plan = planRun(dataset, options, start);
    return this.#run(dataset, options, plan, lastStepOf(plan, start));
  }

  /**
   * Copies out everything needed to go on exactly from here.
   *
   * @returns Plain data.
   * @throws Error where the trainer was disposed.
   */
  async snapshot(): Promise<TrainerSnapshot> {
    this.#checkAlive('take a snapshot');
    await this.#underWay;
    const state = readState(this.#runner.players, this.#runner.random);
    const counts = { step: this.#steps, cursor: this.#cursor, history: this.#history.toJSON() };
    const { configuration } = this;
    return { format: 1, backend: getBackend(), configuration, ...counts, ...(await state) };
  }

  /**
   * Goes back, or forward, to where a snapshot was taken. Training then goes on as it did there, to the bit on the
   * same backend.
   *
   * @param snapshot - What {@link Trainer.snapshot} gave, of this trainer or one made by the same program.
   * @param options - Which settings may differ.
   * @throws CheckpointError where settings or weights differ, with the list; nothing is changed then.
   */
  restore(snapshot: TrainerSnapshot, options: RestoreOptions = {}): Promise<void> {
    return new Promise((resolve) => {
      this.#checkIdle('restore');
      const { players, random } = this.#runner;
      checkSnapshot(snapshot, this.configuration, players, options);
      writeState(snapshot, players, random);
      this.#history = new History(snapshot.history);
      this.#steps = snapshot.step;
      this.#cursor = snapshot.cursor;
      resolve();
    });
  }

  /** Frees the optimizers' memory; the players are their makers' to dispose. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#runner.dispose();
  }

  /** The same as {@link Trainer.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  async *#run(
    dataset: Dataset,
    options: TrainOptions,
    plan: RunPlan,
    lastStep: number | undefined,
  ): AsyncGenerator<StepInfo, void, void> {
    this.#checkIdle('train');
    this.#running = true;
    const { signal, callbacks = [] } = options;
    let stopAsked = false;
    const run: TrainRun = {
      trainer: this,
      dataset,
      batchSize: plan.batchSize,
      stepsPerEpoch: plan.stepsPerEpoch,
      lastStep,
      stop: () => {
        stopAsked = true;
      },
    };
    const ended = (): boolean =>
      stopAsked || signal?.aborted === true || this.#steps >= plan.lastStep;
    // A consumer's break leaves the generator at a yield, and this as it is.
    let reason: TrainEndReason = 'stopped';
    try {
      warnAboutSlowBackend([this.generator.model, this.discriminator.model], plan.batchSize);
      for (const callback of callbacks) await callback.onTrainBegin?.(run);
      while (!ended() && this.#cursor.epoch < plan.lastEpoch) {
        this.#openEpoch(plan.pass);
        const epoch = this.#cursor.epoch + 1;
        for (const callback of callbacks) await callback.onEpochBegin?.(epoch, run);
        let finished = true;
        for await (const step of this.#epochSteps(dataset, plan)) {
          for (const callback of callbacks) await callback.onStepEnd?.(step, run);
          yield step;
          finished = step.stepInEpoch === plan.stepsPerEpoch;
          if (finished || ended()) break;
          finished = true;
          await eventLoopTurn();
        }
        if (!finished) break;
        this.#cursor = { epoch, batch: 0, pass: '' };
        const info = this.#history.closeEpoch(epoch);
        for (const callback of callbacks) await callback.onEpochEnd?.(info, run);
      }
      reason = signal?.aborted === true ? 'aborted' : stopAsked ? 'stopped' : 'finished';
    } catch (error) {
      reason = 'failed';
      throw error;
    } finally {
      this.#running = false;
      for (const callback of callbacks) await callback.onTrainEnd?.(reason, run);
    }
  }

  /** An interrupted epoch goes on only through the same data in the same batches; else the pass begins anew. */
  #openEpoch(pass: string): void {
    if (this.#cursor.pass === pass) return;
    this.#cursor = { epoch: this.#cursor.epoch, batch: 0, pass };
  }

  /** The steps of the rest of the current epoch. */
  async *#epochSteps(dataset: Dataset, plan: RunPlan): AsyncGenerator<StepInfo, void, void> {
    const { epoch, batch: firstBatch } = this.#cursor;
    const { batchesPerStep } = this.#runner;
    const pass = {
      batchSize: plan.batchSize,
      seed: deriveSeed(this.#seed, 'data', epoch),
      firstBatch,
      batchesPerStep,
    };
    const expected = {
      datasetName: dataset.name,
      shape: this.discriminator.inputShape,
      valueRange: this.generator.valueRange,
    };
    for await (const batches of epochBatches(dataset, pass, expected)) {
      const played = this.#play(batches);
      // A snapshot asked for meanwhile waits for the step to be whole, or undone.
      this.#underWay = played.then(noop, noop);
      yield await played;
    }
    if (this.#cursor.batch > 0) return;
    throw new RangeError(
      `Cannot train: a pass through the dataset '${dataset.name}' must give at least ${batchesPerStep} full ` +
        `batch(es) of ${plan.batchSize} samples, got fewer. Lower batchSize`,
    );
  }

  async #play(batches: readonly Batch[]): Promise<StepInfo> {
    const seconds = stopwatch();
    const numbers = await this.#runner.play(batches, this.#steps + 1);
    const batch = this.#cursor.batch + batches.length;
    this.#steps += 1;
    this.#cursor = { ...this.#cursor, batch };
    const info: StepInfo = {
      number: this.#steps,
      epoch: this.#cursor.epoch + 1,
      stepInEpoch: batch / batches.length,
      samples: batches.reduce((sum, { samples }) => sum + (samples.shape[0] ?? 0), 0),
      losses: { discriminator: numbers.discriminatorLoss, generator: numbers.generatorLoss },
      gradientNorms: {
        discriminator: numbers.discriminatorGradientNorm,
        generator: numbers.generatorGradientNorm,
      },
      accuracy: { real: numbers.accuracyReal, fake: numbers.accuracyFake },
      seconds: seconds(),
    };
    this.#history.addStep(info);
    return info;
  }

  #checkIdle(asked: string): void {
    this.#checkAlive(asked);
    if (!this.#running) return;
    throw new Error(
      `Cannot ${asked}: this Trainer is training already. Wait for the other run to end`,
    );
  }

  #checkAlive(asked: string): void {
    const owners = [
      ['Trainer', this.#disposed],
      ['Generator', this.generator.isDisposed],
      ['Discriminator', this.discriminator.isDisposed],
    ] as const;
    const gone = owners.find(([, disposed]) => disposed);
    if (gone !== undefined) throw new Error(`Cannot ${asked}: the ${gone[0]} was disposed`);
  }
}

function noop(): void {
  // Whoever awaits the step itself learns of its failure.
}
