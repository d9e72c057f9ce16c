import * as tf from '@tensorflow/tfjs';
import { TrainingDivergedError } from '../core/errors.ts';
import { withSeededMathRandom } from '../core/math-random.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { TrainingProgress } from '../core/schedules/schedule.ts';
import type { Batch } from '../data/dataset.ts';
import type { Constraint } from '../losses/constraints/constraint.ts';
import type { Loss } from '../losses/loss.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import { drawLatents } from '../models/latents.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { isFiniteTensor } from './check-batch.ts';
import { LiveNetwork, regularizers } from './live-network.ts';
import { NetworkConstraints } from './network-constraints.ts';
import { checkFinite, readStep, type StepNumbers } from './read-step.ts';
import { AdversarialStep } from './steps/adversarial-step.ts';
import { type Held, holdPart, type StatefulPart } from './stateful-part.ts';
import type { Lap, StepScalars, TrainStep } from './steps/train-step.ts';
import { uniqueNames } from './unique-names.ts';
import { NetworkEma, type EmaSettings } from './ema.ts';

/** One thing of each kind for each network. */
type PerNetwork<T> = Readonly<Record<'generator' | 'discriminator', T>>;

/** The numbers of a step that are shown. @internal */
export type PlayedStep = Omit<StepNumbers, 'generatorWeights'>;

/** What a {@link StepRunner} is made of. @internal */
export interface StepRunnerParts {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly loss: Loss;
  readonly penalties: readonly Penalty[];
  readonly constraints: readonly Constraint[];
  readonly ema: EmaSettings | undefined;
  readonly optimizers: PerNetwork<OptimizerSpec>;
  readonly updates: PerNetwork<number>;
  readonly seed: number;
}

/**
 * Everything that moves in training, and the one way to move it: a step that either happens whole or not at all.
 *
 * @internal
 */
export class StepRunner {
  readonly networks: PerNetwork<LiveNetwork>;
  readonly random: Readonly<Record<'latents' | 'layers' | 'penalties', Random>>;
  readonly #lossName: string;
  readonly average: NetworkEma | undefined;
  readonly #step: TrainStep;

  constructor(parts: StepRunnerParts) {
    const { generator, loss, updates, seed } = parts;
    this.#lossName = loss.name;
    this.random = {
      latents: new Random(deriveSeed(seed, 'latents')),
      layers: new Random(deriveSeed(seed, 'layers')),
      penalties: new Random(deriveSeed(seed, 'penalties')),
    };
    this.networks = makeNetworks(parts);
    const { latentSize, latentDistribution } = generator;
    this.#step = new AdversarialStep({
      ...this.networks,
      loss,
      updates,
      latents: (count) => drawLatents(this.random.latents, count, latentSize, latentDistribution),
      random: this.random.penalties,
    });
    const { ema } = parts;
    this.average = ema && new NetworkEma(generator.emaWeights(), ema);
  }

  /** How many batches of real samples one step takes. */
  get batchesPerStep(): number {
    return this.#step.batches;
  }

  /** The learning rate of each network's last update. */
  get learningRates(): PerNetwork<number> {
    const { discriminator, generator } = this.networks;
    return {
      discriminator: discriminator.optimizer.learningRate,
      generator: generator.optimizer.learningRate,
    };
  }

  /** What a snapshot has to hold besides networks, optimizers and random states. */
  get parts(): readonly StatefulPart[] {
    const average = this.average === undefined ? [] : [this.average];
    return [...this.networks.generator.parts, ...this.networks.discriminator.parts, ...average];
  }

  /**
   * Plays one step. Whatever goes wrong, a NaN or an error in a user's loss, both networks, what penalties and
   * constraints remember, and the random numbers are put back where they stood before it.
   */
  async play(batches: readonly Batch[], progress: TrainingProgress, lap: Lap): Promise<PlayedStep> {
    const { step: number } = progress;
    const { generator, discriminator } = this.networks;
    const held: Held[] = [generator.hold(), discriminator.hold()];
    if (this.average !== undefined) held.push(holdPart(this.average));
    const sources = Object.values(this.random).map((random) => [random, random.state] as const);
    try {
      // Constraints begin and end their step before the first wait, so that whoever samples meanwhile finds the
      // weights that are to be sampled from.
      const numbers = await readStep(this.#runConstrained(batches, progress, lap));
      await checkFinite(numbers, {
        step: number,
        lossName: this.#lossName,
        learningRates: this.learningRates,
        samplesAreFinite: async () =>
          (await Promise.all(batches.map((batch) => isFiniteTensor(batch.samples)))).every(Boolean),
      });
      const { generatorWeights, ...played } = numbers;
      checkMoved(generatorWeights, number, this.learningRates.generator);
      return played;
    } catch (error) {
      for (const part of held) part.revert();
      for (const [random, state] of sources) random.state = state;
      throw error;
    } finally {
      for (const part of held) part.release();
    }
  }

  dispose(): void {
    this.networks.generator.dispose();
    this.networks.discriminator.dispose();
  }

  #runConstrained(batches: readonly Batch[], progress: TrainingProgress, lap: Lap): StepScalars {
    const both = [this.networks.generator.constraints, this.networks.discriminator.constraints];
    let scalars: StepScalars;
    try {
      for (const constraints of both) constraints.beforeStep();
      scalars = withSeededMathRandom('train', this.random.layers, () =>
        this.#step.run(batches, progress, lap),
      );
    } catch (error) {
      endStep(both);
      throw error;
    }
    try {
      endStep(both);
      this.average?.afterStep(progress, batches[0]?.samples.shape[0] ?? 0);
    } catch (error) {
      tf.dispose(scalars as object as tf.TensorContainer);
      throw error;
    }
    return scalars;
  }
}

/**
 * Refuses a step whose last update was too wild for the weights it moved: no loss has seen them yet, and the next step could
 * only go back to them.
 */
function checkMoved(sum: number, step: number, learningRate: number): void {
  if (Number.isFinite(sum)) return;
  throw new TrainingDivergedError(
    `Cannot go on training: the generator weights became ${sum} at step ${step} (learning rate ${learningRate}). ` +
      'Both networks are back where they stood before the step. Lower the learning rate',
    { term: 'generator weights', step, value: sum },
  );
}

/** Ends the step for both networks, even where one fails. */
function endStep(both: readonly NetworkConstraints[]): void {
  const failures: unknown[] = [];
  for (const constraints of both) {
    try {
      constraints.afterStep();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Both networks with their penalties and constraints; where one cannot be made, nothing is left behind. */
function makeNetworks(parts: StepRunnerParts): PerNetwork<LiveNetwork> {
  const constraints = uniqueNames(parts.constraints);
  const penalties = uniqueNames(parts.penalties, [parts.loss.name, regularizers]);
  const models = { generator: parts.generator.model, discriminator: parts.discriminator.model };
  for (const penalty of parts.penalties) if (penalty.weight > 0) penalty.check?.(models);
  const made: { dispose(): void }[] = [];
  const make = (name: 'generator' | 'discriminator'): LiveNetwork => {
    const model = models[name];
    const own = new NetworkConstraints(name, model, constraints, parts.seed);
    made.push(own);
    const optimizer = parts.optimizers[name];
    const network = new LiveNetwork({ name, model, optimizer, penalties, constraints: own });
    made.push(network);
    return network;
  };
  try {
    return { generator: make('generator'), discriminator: make('discriminator') };
  } catch (error) {
    for (const part of made) part.dispose();
    throw error;
  }
}
