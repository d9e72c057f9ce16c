import { getBackend } from '@tensorflow/tfjs';
import { checkSeed } from '../core/checks.ts';
import type { Dataset } from '../data/dataset.ts';
import { checkGame } from '../games/check-game.ts';
import type { Game } from '../games/game.ts';
import { enableSecondOrderGradients } from '../gradients/enable-second-order-gradients.ts';
import { Discriminator } from '../models/discriminator.ts';
import { Generator } from '../models/generator.ts';
import { checkModelAlive } from '../models/layers-model.ts';
import { checkConstraints, checkTrainerOptions } from './check-parts.ts';
import { everydayGame } from './everyday-game.ts';
import { History } from './history.ts';
import { checkClasses } from './loop/condition-data.ts';
import {
  checkDataset,
  checkTrainOptions,
  planRun,
  type TrainOptions,
} from './loop/train-options.ts';
import { type TrainerState, TrainingRun } from './loop/training-run.ts';
import type { RunningTrainer } from './running-trainer.ts';
import type { CheckpointStore } from './state/checkpoint-store.ts';
import type { Lineages } from './state/checkpoints/lineage.ts';
import { restoreFromStore } from './state/checkpoints/restore-from-store.ts';
import {
  describeConfiguration,
  frozenLayers,
  type TrainerConfiguration,
} from './state/configuration.ts';
import { describeTraining } from './state/describe-networks.ts';
import { type RestoreOptions, restoreState } from './state/restore.ts';
import { readState } from './state/trained-state.ts';
import type { TrainerSnapshot } from './state/trainer-snapshot.ts';
import type { StepInfo } from './step-info.ts';
import { checkEma } from './step/ema.ts';
import { StepTransaction } from './step/step-transaction.ts';
import type { GameTrainerOptions, TrainerOptions } from './trainer-options.ts';

/**
 * Trains a generator against a discriminator, or any other {@link Game}.
 *
 * It updates the networks, counts steps and epochs, calls callbacks and records the history; the
 * mathematics is in its parts. It owns the optimizers' state, but not the networks.
 *
 * Creating one replaces gradients of TensorFlow.js in the whole process, as
 * {@link enableSecondOrderGradients} does: those that are missing or wrong at second order.
 *
 * @example Assemble the parts yourself
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
export class Trainer implements RunningTrainer {
  /** The networks, turns and terms. */
  readonly game: Game;
  /** What it knows about checkpoint stores. @internal */
  readonly lineages: Lineages = new Map();
  readonly #configuration: TrainerConfiguration;
  readonly #transaction: StepTransaction;
  readonly #seed: number;
  readonly #state: TrainerState = {
    step: 0,
    samples: 0,
    cursor: { epoch: 0, batch: 0, pass: '' },
    history: new History(),
    plan: undefined,
    data: undefined,
    underWay: undefined,
    isRunning: false,
    warned: new WeakSet(),
    warnedOfClasses: new WeakSet(),
    warnedOfSize: new WeakSet(),
  };
  #disposed = false;

  /**
   * @param options - Networks, loss, penalties, constraints, optimizers and seed; or a game,
   *   constraints and seed.
   * @throws TypeError if a part is of the wrong kind, such as a `tf.Optimizer` in place of a spec.
   * @throws RangeError if the networks do not fit each other or a number is out of range.
   */
  constructor(options: TrainerOptions | GameTrainerOptions) {
    const action = 'create a Trainer';
    checkTrainerOptions(options);
    // Before anything is differentiated: gradients recorded earlier would use the old
    // implementations, and two runs with one seed would then depend on what their programs did
    // before.
    enableSecondOrderGradients();
    const { seed = 42 } = options;
    const isGame = 'game' in options;
    const { game, penaltyPlaces } = isGame
      ? { game: options.game, penaltyPlaces: undefined }
      : everydayGame(options);
    checkSeed(action, seed);
    checkGame(game);
    const constraints = checkConstraints(options.constraints, game);
    const averages = Object.entries(game.networks).map(([name, { network, ema }]) => {
      const path = isGame ? `game.networks.${name}.ema` : 'ema';
      return [name, checkEma(action, path, ema, network)] as const;
    });
    this.game = game;
    this.#seed = seed;
    const rules = { game, constraints, ema: Object.fromEntries(averages), seed, penaltyPlaces };
    this.#configuration = describeConfiguration(rules);
    // Last, because it allocates memory and initializes the averages: an earlier error leaves
    // nothing behind.
    this.#transaction = new StepTransaction(rules);
  }

  /** The generator that is displayed, evaluated and saved by default: the first one of the game. */
  get generator(): Generator {
    return Object.values(this.game.generators)[0]!;
  }

  /**
   * The network `discriminator` of the game.
   *
   * @throws RangeError if the game has none, or one that is not a `Discriminator`.
   */
  get discriminator(): Discriminator {
    const network = this.game.networks['discriminator']?.network;
    if (network instanceof Discriminator) return network;
    throw new RangeError(
      `Cannot return the discriminator: the game '${this.game.name}' must have a Discriminator by that name, got the ` +
        `networks ${Object.keys(this.game.networks).join(', ')}. Take the network from trainer.game.networks`,
    );
  }

  /**
   * Every setting that affects the result of training, by name, and the layers that are frozen now,
   * such as `frozen.discriminator`.
   */
  get configuration(): TrainerConfiguration {
    return { ...this.#configuration, ...frozenLayers(this.#transaction.networks) };
  }

  /** The history over the trainer's life. */
  get history(): History {
    return this.#state.history;
  }

  /** Number of steps, including those before a restore. */
  get step(): number {
    return this.#state.step;
  }

  /** Number of finished epochs, including those before a restore. */
  get epoch(): number {
    return this.#state.cursor.epoch;
  }

  /**
   * Trains until a bound is reached, the signal is aborted or a callback stops the run.
   *
   * @param dataset - The real samples.
   * @param options - The duration, the batch size and the callbacks; one of `epochs`, `steps`,
   * `until` and `minutes`, or a `signal`, is required.
   * @returns The history of the trainer's whole life.
   * @throws RangeError if the data do not fit the networks, or if nothing bounds the run: no option
   * does, or only epochs of an endless dataset.
   * @throws TrainingDivergedError if a loss, gradient or weight is not finite; the networks are
   * restored first.
   *
   * @example Five epochs
   * ```ts no-run
   * const history = await trainer.fit(dataset, { epochs: 5, batchSize: 64 });
   * ```
   *
   * @example Five minutes, with a rate that is 0 at their end
   * ```ts no-run
   * const optimizer = adam({ learningRate: linearDecay({ from: 2e-4, hold: 0.5 }) });
   * const optimizers = { generator: optimizer, discriminator: optimizer };
   * const { trainer } = createDcgan({ imageShape: [28, 28, 1], optimizers });
   * await trainer.fit(await loadMnist(), { minutes: 5, callbacks: [progress()] });
   * ```
   */
  async fit(dataset: Dataset, options: TrainOptions = {}): Promise<History> {
    checkTrainOptions(options);
    const { epochs, steps, until, minutes, signal } = options;
    if ((epochs ?? steps ?? until?.epochs ?? until?.steps ?? minutes ?? signal) === undefined) {
      throw new RangeError(
        'Cannot train: fit must have a bound, got no epochs, steps, until, minutes or signal. Pass { epochs: 5 }, ' +
          'or use trainer.steps() to decide step by step',
      );
    }
    const run = this.steps(dataset, options);
    while ((await run.next()).done !== true);
    return this.#state.history;
  }

  /**
   * Trains step by step: endless unless bounded; `break` ends the run cleanly.
   *
   * With `minutes`, time counts from the first requested step and includes the loop around the
   * steps: if the loop takes as long as a step, half as many steps are taken.
   *
   * @param dataset - The real samples.
   * @param options - The batch size, the callbacks, and an optional bound.
   * @returns The results of each step, as it happens.
   * @throws RangeError if the data do not fit the networks.
   * @throws TrainingDivergedError if a loss, gradient or weight is not finite; the networks are
   * restored first.
   *
   * @example Stop when the discriminator is fooled
   * ```ts
   * for await (const step of trainer.steps(dataset, { batchSize: 8, steps: 3 })) {
   *   if (step.metrics['accuracy/fake'] < 0.5) break;
   * }
   * ```
   */
  steps(dataset: Dataset, options: TrainOptions = {}): AsyncGenerator<StepInfo, void, void> {
    this.#checkIdle('train');
    checkTrainOptions(options);
    checkDataset(dataset, this.game);
    checkClasses(dataset, this.game, this.#state.warnedOfClasses);
    const { batchesPerStep } = this.#transaction;
    // Planned here so that errors are thrown by this call; planned again when the first step is
    // requested.
    planRun(dataset, options, { ...this.#state, batchesPerStep });
    return new TrainingRun({
      trainer: this,
      state: this.#state,
      transaction: this.#transaction,
      seed: this.#seed,
      dataset,
      options,
      checkIdle: () => {
        this.#checkIdle('train');
      },
      checkAlive: () => {
        this.#checkAlive('continue training');
      },
    }).steps();
  }

  /**
   * Copies everything that is needed to resume exactly from here.
   *
   * @returns Plain data.
   * @throws Error if the trainer was disposed.
   */
  async snapshot(): Promise<TrainerSnapshot> {
    this.#checkAlive('take a snapshot');
    // A loop, because the next step may have begun before this wait ends.
    while (this.#state.underWay !== undefined) await this.#state.underWay;
    const state = readState(this.#transaction);
    const { step, samples, cursor, plan, history } = this.#state;
    const counts = { step, samples, cursor, ...(plan && { plan }), history: history.toJSON() };
    const { configuration } = this;
    const description = describeTraining(this.game, this.#state.data);
    const about = { format: 1, backend: getBackend(), description, configuration } as const;
    return { ...about, ...counts, ...(await state) };
  }

  /**
   * Restores the newest intact checkpoint of a store. Training then continues as it did there,
   * bit-for-bit on the same backend.
   *
   * Warns if a newer checkpoint is damaged and was skipped, and if another backend computed it.
   *
   * @param store - Where `checkpoint` wrote, for this trainer or one created by the same program.
   * @param options - Which settings may differ, and whether to use the best checkpoint instead.
   * @returns Whether there was a checkpoint; false if the store is empty.
   * @throws CheckpointError if settings or weights differ, with the list, or if no checkpoint is
   * intact; nothing is changed then.
   */
  restore(
    store: CheckpointStore,
    options?: RestoreOptions & {
      /**
       * The last checkpoint, or the best one if `checkpoint` has `best`.
       *
       * @defaultValue `'newest'`
       */
      readonly which?: 'newest' | 'best' | undefined;
    },
  ): Promise<boolean>;
  /**
   * Restores a snapshot. Training then continues as it did there, bit-for-bit on the same backend.
   *
   * @param snapshot - The result of {@link Trainer.snapshot}, of this trainer or one created by the
   * same program.
   * @param options - Which settings may differ.
   * @throws CheckpointError if settings or weights differ, with the list; nothing is changed then.
   */
  restore(snapshot: TrainerSnapshot, options?: RestoreOptions): Promise<void>;
  async restore(
    source: TrainerSnapshot | CheckpointStore,
    options: Parameters<typeof restoreFromStore>[2] = {},
  ): Promise<boolean | void> {
    this.#checkIdle('restore');
    if (isStore(source)) return restoreFromStore(this, source, options);
    restoreState(source, this.configuration, this.#transaction, options);
    const { step, samples, cursor, plan } = source;
    const { data } = source.description;
    for (const generator of Object.values(this.game.generators)) {
      generator.recordConditions(data?.conditions ?? {});
    }
    Object.assign(this.#state, {
      step,
      samples,
      cursor,
      plan,
      data,
      history: new History(source.history),
    });
  }

  /**
   * Frees the tensors of optimizers, penalties and constraints; the creator of the networks
   * disposes them.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#transaction.dispose();
  }

  /** The same as {@link Trainer.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkIdle(action: string): void {
    this.#checkAlive(action);
    if (!this.#state.isRunning) return;
    throw new Error(
      `Cannot ${action}: this Trainer is training already. Wait for the other run to end`,
    );
  }

  #checkAlive(action: string): void {
    if (this.#disposed) throw new Error(`Cannot ${action}: the Trainer was disposed`);
    for (const [name, { network }] of Object.entries(this.game.networks)) {
      const own = network instanceof Generator || network instanceof Discriminator;
      if (own) network.checkAlive(action, `the ${name}`);
      else checkModelAlive(action, `the ${name}`, network.model);
    }
  }
}

function isStore(source: TrainerSnapshot | CheckpointStore): source is CheckpointStore {
  return typeof (source as Partial<CheckpointStore> | null | undefined)?.read === 'function';
}
