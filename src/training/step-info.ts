/**
 * One thing for each network, or for each turn, by its name. The everyday game has two of both, `discriminator` and
 * `generator`; a game of one's own has those it names.
 *
 * @example By how much the discriminator's gradient is the longer one
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
 * What happened in one training step: one round of the game's turns. If a network is updated more than once in a step, its
 * numbers are means over its updates. What belongs to a turn that was not played in the step is not there.
 *
 * @example The loss and the speed of each step
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
   * What each loss is the sum of, by turn and name: the loss's own name, each penalty's, and `regularizers` for those of the
   * model's layers. A penalty's number has its weight in it, and is there only in the steps in which it is due; the
   * second penalty of a name is called `name_2`.
   */
  readonly terms: PerNetwork<Readonly<Record<string, number>>>;
  /** Length of each network's gradient before any clipping: the root of the sum of all its squares. */
  readonly gradientNorms: PerNetwork<number>;
  /** Learning rate of each network's last update in the step. */
  readonly learningRates: PerNetwork<number>;
  /** What the game shows beside its losses: `accuracy/real` and `accuracy/fake` in the everyday one. */
  readonly metrics: {
    /**
     * In the everyday game: share of real samples, 0…1, that the discriminator judged right, as above the loss's
     * `decisionBoundary`.
     */
    readonly 'accuracy/real': number;
    /** In the everyday game: share of fake samples that it judged right, as below. */
    readonly 'accuracy/fake': number;
    readonly [name: string]: number;
  };
  /** What constraints show of themselves, by `constraint/number`, such as `spectralNorm/3.conv2D/kernel`. */
  readonly constraintMetrics: PerNetwork<Readonly<Record<string, number>>>;
  /** How long its turns and `read` took, in seconds. This and {@link StepInfo.partSeconds} are all here that the seed does not decide. */
  readonly seconds: number;
  /** Where the time went. */
  readonly partSeconds: {
    /** What was done since the step before: callbacks, the loop around `steps()`, and a turn of the event loop. */
    readonly callbacks: number;
    /** Waiting for the real samples. */
    readonly data: number;
    /** Each turn of the game: its updates, penalties and fake samples. */
    readonly turns: PerNetwork<number>;
    /** Reading the numbers of the step, and what else is left of it: constraints, averages, checks. */
    readonly read: number;
  };
}

/**
 * Numbers that a callback measured, beside the steps.
 *
 * @example The curve of a number that a callback measured
 * ```ts
 * const alarm = overfittingAlarm(ring8({ size: 256, seed: 2 }), { every: { steps: 1 } });
 * const { trainer } = createMlpGan({ sampleShape: [2] });
 * const { logged } = await trainer.fit(ring8({ size: 256, seed: 1 }), { steps: 2, callbacks: [alarm] });
 * const point = ({ step, values }: LoggedInfo) => [step, values['heldOut/gap']];
 * console.log(logged.map(point));
 * ```
 */
export interface LoggedInfo {
  /** After which step, over the trainer's life. */
  readonly step: number;
  /** The numbers, by name. */
  readonly values: Readonly<Record<string, number>>;
}

/**
 * What happened in one epoch: one pass through the data.
 *
 * @example How long a step takes, epoch by epoch
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
  /** Mean losses of its steps. */
  readonly losses: PerNetwork<number>;
  /** Means of the metrics of its steps. */
  readonly metrics: StepInfo['metrics'];
  /** How long its steps took, in seconds. */
  readonly seconds: number;
}

/** What a game shows beside its losses, by name. @internal */
export type StepMetrics = StepInfo['metrics'];

/** How long each part of a step took. @internal */
export type StepPartSeconds = StepInfo['partSeconds'];
