/**
 * A value for each network, or for each turn, by its name. The adversarial game has two of both,
 * `discriminator` and `generator`; a custom game has those it names.
 *
 * @example Ratio of the gradient norms
 * ```ts
 * const ratio = ({ discriminator, generator }: PerNetwork<number>): number => discriminator / generator;
 * const { steps } = await trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * console.log(steps.map(({ gradientNorms }) => ratio(gradientNorms)));
 * ```
 */
export interface PerNetwork<T> {
  /** The discriminator's. */
  readonly discriminator: T;
  /** The generator's. */
  readonly generator: T;
  readonly [name: string]: T;
}

/**
 * The results of one training step: one round of the game's turns. If a network is updated more
 * than once in a step, its numbers are means over its updates. Numbers of a turn that was skipped
 * in the step are missing.
 *
 * @example Print the loss and the speed of each step
 * ```ts
 * const line = ({ number, losses, samples, seconds }: StepInfo): string =>
 *   `${number}: ${losses.generator.toFixed(2)}, ${Math.round(samples / seconds)} samples/s`;
 * for await (const step of trainer.steps(dataset, { steps: 2, batchSize: 8 })) console.log(line(step));
 * ```
 */
export interface StepInfo {
  /** Number of the step over the trainer's life, from 1. */
  readonly number: number;
  /** Number of the epoch it belongs to, from 1. */
  readonly epoch: number;
  /** Number of the step within its epoch, from 1. */
  readonly stepInEpoch: number;
  /** How many real samples it used. */
  readonly samples: number;
  /** The loss of each turn: the sum of its {@link StepInfo.terms}. */
  readonly losses: PerNetwork<number>;
  /**
   * The terms of each loss, by turn and name: the loss's own name, each penalty's, and
   * `regularizers` for those of the model's layers. The number of a penalty includes its weight,
   * and exists only in steps in which it is due; the second penalty with the same name is called
   * `name_2`.
   */
  readonly terms: PerNetwork<Readonly<Record<string, number>>>;
  /**
   * Norm of each network's gradient before any clipping: the square root of the sum of all squares.
   */
  readonly gradientNorms: PerNetwork<number>;
  /** Learning rate of each network's last update in the step. */
  readonly learningRates: PerNetwork<number>;
  /**
   * Metrics of the game besides its losses: `accuracy/real` and `accuracy/fake` in the adversarial
   * one.
   */
  readonly metrics: {
    /**
     * In the adversarial game: share of real samples, 0…1, that the discriminator classified as
     * real, with logits above the loss's `decisionBoundary`.
     */
    readonly 'accuracy/real': number;
    /**
     * In the adversarial game: share of fake samples that it classified as fake, with logits below
     * it.
     */
    readonly 'accuracy/fake': number;
    readonly [name: string]: number;
  };
  /** Metrics of constraints, by `constraint/number`, such as `spectralNorm/3.conv2D/kernel`. */
  readonly constraintMetrics: PerNetwork<Readonly<Record<string, number>>>;
  /**
   * Duration of its turns and `read`, in seconds. Only this and {@link StepInfo.partSeconds} are
   * not determined by the seed.
   */
  readonly seconds: number;
  /** Duration of each part, in seconds. */
  readonly partSeconds: {
    /**
     * Time since the previous step: callbacks, the loop around `steps()`, and a turn of the event
     * loop.
     */
    readonly callbacks: number;
    /** Waiting for the real samples. */
    readonly data: number;
    /** Each turn of the game: its updates, penalties and fake samples. */
    readonly turns: PerNetwork<number>;
    /** Reading the numbers of the step, and the rest of it: constraints, averages, checks. */
    readonly read: number;
  };
}

/**
 * Numbers that a callback logged besides the steps.
 *
 * @example Plot a number that a callback measured
 * ```ts
 * const alarm = overfittingAlarm(ring8({ size: 256, seed: 2 }), { every: { steps: 1 } });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * const { logged } = await trainer.fit(ring8({ size: 256, seed: 1 }), { steps: 2, callbacks: [alarm] });
 * const point = ({ step, values }: LoggedInfo) => [step, values['heldOut/gap']];
 * console.log(logged.map(point));
 * ```
 */
export interface LoggedInfo {
  /** The step after which they were measured, counted over the trainer's life. */
  readonly step: number;
  /** The numbers, by name. */
  readonly values: Readonly<Record<string, number>>;
}

/**
 * The results of one epoch: one pass through the data.
 *
 * @example Print the duration of a step, epoch by epoch
 * ```ts
 * const secondsPerStep = ({ seconds, steps }: EpochInfo): number => seconds / steps;
 * const { epochs } = await trainer.fit(dataset, { epochs: 2, batchSize: 32 });
 * console.log(epochs.map(({ steps }) => steps)); // [ 4, 4 ]
 * console.log(epochs.map(secondsPerStep));
 * ```
 */
export interface EpochInfo {
  /** Number of the epoch over the trainer's life, from 1. */
  readonly number: number;
  /** How many steps it took. */
  readonly steps: number;
  /** Mean losses over its steps. */
  readonly losses: PerNetwork<number>;
  /** Mean metrics over its steps. */
  readonly metrics: StepInfo['metrics'];
  /** Duration of its steps, in seconds. */
  readonly seconds: number;
}

/** Metrics of a game besides its losses, by name. @internal */
export type StepMetrics = StepInfo['metrics'];

/** Duration of each part of a step. @internal */
export type StepPartSeconds = StepInfo['partSeconds'];
