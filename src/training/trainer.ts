import { getBackend } from '@tensorflow/tfjs';
import { checkSeed } from '../core/checks.ts';
import type { Dataset } from '../data/dataset.ts';
import { enableSecondOrderGradients } from '../gradients/enable-second-order-gradients.ts';
import { BceLoss } from '../losses/adversarial/bce.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import {
  checkConstraints,
  checkLoss,
  checkOptimizers,
  checkPenalties,
  checkNetworks,
  checkTrainerOptions,
  checkUpdates,
} from './check-parts.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { restoreFromStore, type StoreRestoreOptions } from './checkpoints/restore-from-store.ts';
import { describeConfiguration, frozenLayers, type TrainerConfiguration } from './configuration.ts';
import { History } from './history.ts';
import { readState, type RestoreOptions, restoreState } from './restore.ts';
import type { StepInfo } from './step-info.ts';
import { StepRunner } from './step-runner.ts';
import { checkDataset, checkTrainOptions, planRun, type TrainOptions } from './train-options.ts';
import { type TrainerState, TrainingRun } from './training-run.ts';
import type { TrainerOptions } from './trainer-options.ts';
import type { TrainerSnapshot } from './trainer-snapshot.ts';
import { checkEma } from './ema.ts';

/**
 * Trains a generator against a discriminator.
 *
 * It moves the networks, counts steps and epochs, calls callbacks and remembers history; the mathematics is in its
 * parts. It owns the optimizers' memory, not the networks.
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
  /** The network that makes samples. */
  readonly generator: Generator;
  /** The network that judges them. */
  readonly discriminator: Discriminator;
  readonly #configuration: TrainerConfiguration;
  readonly #runner: StepRunner;
  readonly #seed: number;
  readonly #state: TrainerState = {
    step: 0,
    samples: 0,
    cursor: { epoch: 0, batch: 0, pass: '' },
    history: new History(),
    underWay: undefined,
  };
  #running = false;
  #disposed = false;

  /**
   * @param options - Networks, loss, penalties, constraints, optimizers and seed.
   * @throws TypeError where a part is of the wrong kind, such as a `tf.Optimizer` in place of a spec.
   * @throws RangeError where the networks do not fit each other or a number is out of range.
   */
  constructor(options: TrainerOptions) {
    checkTrainerOptions(options);
    // Before anything is differentiated: gradients that were recorded in between would still be the former ones, and two
    // runs of one seed would differ by what their programs did before.
    enableSecondOrderGradients();
    const { generator, discriminator, loss = new BceLoss(), seed = 42 } = options;
    checkNetworks(generator, discriminator);
    checkLoss(loss, discriminator);
    checkSeed('create a Trainer', seed);
    const optimizers = checkOptimizers(options.optimizers);
    const updates = checkUpdates(options.updatesPerStep);
    const penalties = checkPenalties(options.penalties);
    const constraints = checkConstraints(options.constraints);
    this.generator = generator;
    this.discriminator = discriminator;
    this.#seed = seed;
    const ema = checkEma('create a Trainer', options.ema, generator);
    const rules = { ema, loss, penalties, constraints, optimizers, updates, seed };
    this.#configuration = describeConfiguration({ generator, ...rules });
    // Last, as it takes memory and begins the average: what throws before it leaves nothing behind.
    this.#runner = new StepRunner({ generator, discriminator, ...rules });
  }

  /**
   * Every setting that decides what training computes, by name, and the layers that are frozen now, such as
   * `frozen.discriminator`.
   */
  get configuration(): TrainerConfiguration {
    return { ...this.#configuration, ...frozenLayers(this.#runner.networks) };
  }

  /** What happened over the trainer's life. */
  get history(): History {
    return this.#state.history;
  }

  /** How many steps it made, those before a restore included. */
  get step(): number {
    return this.#state.step;
  }

  /** How many epochs it finished, those before a restore included. */
  get epoch(): number {
    return this.#state.cursor.epoch;
  }

  /**
   * Trains until a bound is reached, the signal is aborted or a callback asks to stop.
   *
   * @param dataset - The real samples.
   * @param options - How long, in what batches, watched by whom; one of `epochs`, `steps` and `until` is needed, or a
   * `signal`.
   * @returns The history of the trainer's whole life.
   * @throws RangeError where the data do not fit the networks or nothing bounds the run: no option does, or only epochs of
   * an endless dataset.
   * @throws TrainingDivergedError where a loss, gradient or weight is not finite; the networks are put back first.
   *
   * @example Five epochs
   * ```ts no-run
   * const history = await trainer.fit(dataset, { epochs: 5, batchSize: 64 });
   * ```
   */
  async fit(dataset: Dataset, options: TrainOptions = {}): Promise<History> {
    checkTrainOptions(options);
    const { epochs, steps, until, signal } = options;
    if ((epochs ?? steps ?? until?.epochs ?? until?.steps ?? signal) === undefined) {
      throw new RangeError(
        'Cannot train: fit must be told when to end, got no epochs, steps, until or signal. Pass { epochs: 5 }, ' +
          'or use trainer.steps() to decide step by step',
      );
    }
    const run = this.steps(dataset, options);
    while ((await run.next()).done !== true);
    return this.#state.history;
  }

  /**
   * Trains step by step: endless unless bounded; `break` ends the run properly.
   *
   * @param dataset - The real samples.
   * @param options - In what batches, watched by whom, and how long at most.
   * @returns What happened in each step, as it happens.
   * @throws RangeError where the data do not fit the networks.
   * @throws TrainingDivergedError where a loss, gradient or weight is not finite; the networks are put back first.
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
    checkTrainOptions(options);
    checkDataset(dataset, this.discriminator.inputShape);
    // Planned here for the errors at the door, and again when the first step is asked for.
    planRun(dataset, options, { ...this.#state, batchesPerStep: this.#runner.batchesPerStep });
    return this.#run(dataset, options);
  }

  /**
   * Copies out everything needed to go on exactly from here.
   *
   * @returns Plain data.
   * @throws Error where the trainer was disposed.
   */
  async snapshot(): Promise<TrainerSnapshot> {
    this.#checkAlive('take a snapshot');
    // Not once: the next step may have begun before this wait is served.
    while (this.#state.underWay !== undefined) await this.#state.underWay;
    const state = readState(this.#runner);
    const { step, samples, cursor, history } = this.#state;
    const counts = { step, samples, cursor, history: history.toJSON() };
    const { configuration } = this;
    return { format: 1, backend: getBackend(), configuration, ...counts, ...(await state) };
  }

  /**
   * Goes to where the newest whole checkpoint of a store was taken. Training then goes on as it did there, to the bit
   * on the same backend.
   *
   * A newer checkpoint that is damaged is passed over with a warning, and another backend is warned of.
   *
   * @param store - Where `checkpoint` wrote, for this trainer or one made by the same program.
   * @param options - Which settings may differ, and whether to take the best checkpoint instead.
   * @returns Whether there was a checkpoint; false where the store is empty.
   * @throws CheckpointError where settings or weights differ, with the list, or no checkpoint is whole; nothing is changed
   * then.
   */
  restore(store: CheckpointStore, options?: StoreRestoreOptions): Promise<boolean>;
  /**
   * Goes back, or forward, to where a snapshot was taken. Training then goes on as it did there, to the bit on the
   * same backend.
   *
   * @param snapshot - What {@link Trainer.snapshot} gave, of this trainer or one made by the same program.
   * @param options - Which settings may differ.
   * @throws CheckpointError where settings or weights differ, with the list; nothing is changed then.
   */
  restore(snapshot: TrainerSnapshot, options?: RestoreOptions): Promise<void>;
  async restore(
    source: TrainerSnapshot | CheckpointStore,
    options: StoreRestoreOptions = {},
  ): Promise<boolean | void> {
    this.#checkIdle('restore');
    if (isStore(source)) return restoreFromStore(this, source, options);
    restoreState(source, this.configuration, this.#runner, options);
    const { step, samples, cursor } = source;
    Object.assign(this.#state, { step, samples, cursor, history: new History(source.history) });
  }

  /** Frees what optimizers, penalties and constraints remember; the networks are their makers' to dispose. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#runner.dispose();
  }

  /** The same as {@link Trainer.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  async *#run(dataset: Dataset, options: TrainOptions): AsyncGenerator<StepInfo, void, void> {
    this.#checkIdle('train');
    this.#running = true;
    try {
      yield* new TrainingRun({
        trainer: this,
        state: this.#state,
        runner: this.#runner,
        seed: this.#seed,
        dataset,
        options,
        checkAlive: () => {
          this.#checkAlive('go on training');
        },
      }).steps();
    } finally {
      this.#running = false;
    }
  }

  #checkIdle(action: string): void {
    this.#checkAlive(action);
    if (!this.#running) return;
    throw new Error(
      `Cannot ${action}: this Trainer is training already. Wait for the other run to end`,
    );
  }

  #checkAlive(action: string): void {
    if (this.#disposed) throw new Error(`Cannot ${action}: the Trainer was disposed`);
    this.generator.checkAlive(action, 'the Generator');
    this.discriminator.checkAlive(action, 'the Discriminator');
  }
}

function isStore(source: TrainerSnapshot | CheckpointStore): source is CheckpointStore {
  return typeof (source as Partial<CheckpointStore> | null | undefined)?.read === 'function';
}
