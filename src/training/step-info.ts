/**
 * One number for each network.
 *
 * @example By how much the discriminator's gradient is the longer one
 * ```ts
 * const ratio = ({ discriminator, generator }: NetworkNumbers): number => discriminator / generator;
 * const { steps } = await trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * console.log(steps.map(({ gradientNorms }) => ratio(gradientNorms)));
 * ```
 */
export interface NetworkNumbers {
  /** The discriminator's. */
  readonly discriminator: number;
  /** The generator's. */
  readonly generator: number;
}

/**
 * Numbers by name for each network.
 *
 * @example How much of a loss is the penalty's
 * ```ts
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties: [new R1Penalty()] });
 * const { steps } = await trainer.fit(ring8({ size: 256 }), { steps: 1 });
 * const terms: NetworkRecords | undefined = steps[0]?.terms;
 * console.log(Object.keys(terms?.discriminator ?? {})); // [ 'bce', 'r1' ]
 * ```
 */
export interface NetworkRecords {
  /** The discriminator's. */
  readonly discriminator: Readonly<Record<string, number>>;
  /** The generator's. */
  readonly generator: Readonly<Record<string, number>>;
}

/**
 * What happened in one training step. One step is one update of the generator and the discriminator updates that go
 * with it; where a network moves more than once in a step, its numbers are means over its updates.
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
  /** What each network wanted to be small: the sum of its {@link StepInfo.terms}. */
  readonly losses: NetworkNumbers;
  /**
   * What each loss is the sum of, by name: the loss's own name, each penalty's, and `regularizers` for those of the
   * model's layers. A penalty's number has its weight in it, and is there only in the steps in which it is due; the
   * second penalty of a name is called `name_2`.
   */
  readonly terms: NetworkRecords;
  /** Length of each network's gradient before any clipping: the root of the sum of all its squares. */
  readonly gradientNorms: NetworkNumbers;
  /** Learning rate of each network's last update in the step. */
  readonly learningRates: NetworkNumbers;
  /** Share of samples, 0…1, that the discriminator judged right: real ones above the loss's `decisionBoundary`, fakes below. */
  readonly accuracy: {
    /** On real samples. */
    readonly real: number;
    /** On generated samples. */
    readonly fake: number;
  };
  /** What constraints show of themselves, by `constraint/number`, such as `spectralNorm/3.conv2D`. */
  readonly constraintMetrics: NetworkRecords;
  /** How long it took, in seconds: the last three of its parts. This and {@link StepInfo.partSeconds} are all here that the seed does not decide. */
  readonly seconds: number;
  /** Where the time went. */
  readonly partSeconds: StepPartSeconds;
}

/**
 * How long each part of a step took, in seconds. The first two lie before the step: added to `seconds` they make up the
 * whole time of the clock.
 *
 * On a backend that works on by itself (webgpu, webgl) the networks' parts are the time to give out their work, and
 * `read` has the time to wait for it.
 *
 * @example Whether the data come slower than they are learned from
 * ```ts
 * const isStarved = ({ data, discriminator, generator }: StepPartSeconds): boolean => data > discriminator + generator;
 * const { steps } = await trainer.fit(dataset, { steps: 3, batchSize: 8 });
 * console.log(steps.filter(({ partSeconds }) => isStarved(partSeconds)).length);
 * ```
 */
export interface StepPartSeconds {
  /** What was done since the step before: callbacks, the loop around `steps()`, and a turn of the event loop. */
  readonly callbacks: number;
  /** Waiting for the real samples. */
  readonly data: number;
  /** Updates of the discriminator, its penalties and the fakes for it included. */
  readonly discriminator: number;
  /** Updates of the generator, its penalties included. */
  readonly generator: number;
  /** Reading the numbers of the step, and what else is left of it: constraints, weight average, checks. */
  readonly read: number;
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
  readonly losses: NetworkNumbers;
  /** Mean accuracy of its steps. */
  readonly accuracy: StepInfo['accuracy'];
  /** How long its steps took, in seconds. */
  readonly seconds: number;
}
