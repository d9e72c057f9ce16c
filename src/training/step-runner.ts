import * as tf from '@tensorflow/tfjs';
import { TrainingDivergedError } from '../core/errors.ts';
import { withSeededMathRandom } from '../core/math-random.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { Batch } from '../data/dataset.ts';
import type { Constraint } from '../losses/constraints/constraint.ts';
import type { Loss } from '../losses/loss.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import { drawLatents } from '../models/latents.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { isFiniteTensor } from './check-batch.ts';
import { LearningPlayer, regularisers } from './learning-player.ts';
import { PlayerConstraints } from './player-constraints.ts';
import { checkFinite, readStep, type StepNumbers } from './read-step.ts';
import { AdversarialStep } from './steps/adversarial-step.ts';
import { type Held, holdPart, type StatefulPart } from './stateful-part.ts';
import type { Lap, StepScalars, TrainStep } from './steps/train-step.ts';
import { uniqueNames } from './unique-names.ts';
import { WeightAverage, type WeightAverageSettings } from './weight-average.ts';

/** One thing of each kind for each player. */
type ByPlayer<T> = Readonly<Record<'generator' | 'discriminator', T>>;

/** The numbers of a step that are shown. @internal */
export type PlayedStep = Omit<StepNumbers, 'generatorWeights'>;

/** What a {@link StepRunner} is made of. @internal */
export interface StepRunnerParts {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly loss: Loss;
  readonly penalties: readonly Penalty[];
  readonly constraints: readonly Constraint[];
  readonly weightAverage: WeightAverageSettings | undefined;
  readonly optimizers: ByPlayer<OptimizerSpec>;
  readonly updates: ByPlayer<number>;
  readonly seed: number;
}

/**
 * Everything that moves in training, and the one way to move it: a step that either happens whole or not at all.
 *
 * @internal
 */
export class StepRunner {
  readonly players: ByPlayer<LearningPlayer>;
  readonly random: Readonly<Record<'latents' | 'layers' | 'penalties', Random>>;
  readonly #lossName: string;
  readonly average: WeightAverage | undefined;
  readonly #step: TrainStep;

  constructor(parts: StepRunnerParts) {
    const { generator, loss, updates, seed } = parts;
    this.#lossName = loss.name;
    this.random = {
      latents: new Random(deriveSeed(seed, 'latents')),
      layers: new Random(deriveSeed(seed, 'layers')),
      penalties: new Random(deriveSeed(seed, 'penalties')),
    };
    this.players = makePlayers(parts);
    const { latentSize, latentDistribution } = generator;
    this.#step = new AdversarialStep({
      ...this.players,
      loss,
      updates,
      latents: (count) => drawLatents(this.random.latents, count, latentSize, latentDistribution),
      random: this.random.penalties,
    });
    const { weightAverage } = parts;
    this.average = weightAverage && new WeightAverage(generator.averagedWeights(), weightAverage);
  }

  /** How many batches of real samples one step takes. */
  get batchesPerStep(): number {
    return this.#step.batches;
  }

  /** The learning rate of each player's last update. */
  get learningRates(): ByPlayer<number> {
    const { discriminator, generator } = this.players;
    return {
      discriminator: discriminator.optimizer.learningRate,
      generator: generator.optimizer.learningRate,
    };
  }

  /** What a snapshot has to hold besides players, optimizers and random states. */
  get parts(): readonly StatefulPart[] {
    const average = this.average === undefined ? [] : [this.average];
    return [...this.players.generator.parts, ...this.players.discriminator.parts, ...average];
  }

  /**
   * Plays one step. Whatever goes wrong, a NaN or an error in a user's loss, both players, what penalties and
   * constraints remember, and the random numbers are put back where they stood before it.
   */
  async play(batches: readonly Batch[], number: number, lap: Lap): Promise<PlayedStep> {
    const { generator, discriminator } = this.players;
    const held: Held[] = [generator.hold(), discriminator.hold()];
    if (this.average !== undefined) held.push(holdPart(this.average));
    const sources = Object.values(this.random).map((random) => [random, random.state] as const);
    try {
      // Constraints begin and end their step before the first wait, so that whoever samples meanwhile finds the
      // weights that are to be sampled from.
      const numbers = await readStep(this.#runConstrained(batches, number, lap));
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
    this.players.generator.dispose();
    this.players.discriminator.dispose();
  }

  #runConstrained(batches: readonly Batch[], number: number, lap: Lap): StepScalars {
    const both = [this.players.generator.constraints, this.players.discriminator.constraints];
    let scalars: StepScalars;
    try {
      for (const constraints of both) constraints.beforeStep();
      scalars = withSeededMathRandom('train', this.random.layers, () =>
        this.#step.run(batches, number, lap),
      );
    } catch (error) {
      endStep(both);
      throw error;
    }
    try {
      endStep(both);
      this.average?.afterStep(number);
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
      'Both players are back where they stood before the step. Lower the learning rate',
    { term: 'generator weights', step, value: sum },
  );
}

/** Ends the step for both players, even where one fails. */
function endStep(both: readonly PlayerConstraints[]): void {
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

/** Both players with their penalties and constraints; where one cannot be made, nothing is left behind. */
function makePlayers(parts: StepRunnerParts): ByPlayer<LearningPlayer> {
  const constraints = uniqueNames(parts.constraints);
  const penalties = uniqueNames(parts.penalties, [parts.loss.name, regularisers]);
  const models = { generator: parts.generator.model, discriminator: parts.discriminator.model };
  for (const penalty of parts.penalties) if (penalty.weight > 0) penalty.check?.(models);
  const made: { dispose(): void }[] = [];
  const make = (name: 'generator' | 'discriminator'): LearningPlayer => {
    const model = models[name];
    const own = new PlayerConstraints(name, model, constraints, parts.seed);
    made.push(own);
    const optimizer = parts.optimizers[name];
    const player = new LearningPlayer({ name, model, optimizer, penalties, constraints: own });
    made.push(player);
    return player;
  };
  try {
    return { generator: make('generator'), discriminator: make('discriminator') };
  } catch (error) {
    for (const part of made) part.dispose();
    throw error;
  }
}
