import { withSeededMathRandom } from '../core/math-random.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { Batch } from '../data/dataset.ts';
import type { Loss } from '../losses/loss.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import { drawLatents } from '../models/latents.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { isFiniteTensor } from './check-batch.ts';
import { LearningPlayer } from './learning-player.ts';
import { checkFinite, readStep, type StepNumbers } from './read-step.ts';
import { AdversarialStep } from './steps/adversarial-step.ts';
import type { TrainStep } from './steps/train-step.ts';

/** One thing of each kind for each player. */
type ByPlayer<T> = Readonly<Record<'generator' | 'discriminator', T>>;

/** What a {@link StepRunner} is made of. @internal */
export interface StepRunnerParts {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly loss: Loss;
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
  readonly random: Readonly<Record<'latents' | 'layers', Random>>;
  readonly #optimizers: ByPlayer<OptimizerSpec>;
  readonly #step: TrainStep;

  constructor(parts: StepRunnerParts) {
    const { generator, discriminator, loss, optimizers, updates, seed } = parts;
    this.#optimizers = optimizers;
    this.random = {
      latents: new Random(deriveSeed(seed, 'latents')),
      layers: new Random(deriveSeed(seed, 'layers')),
    };
    this.players = {
      generator: new LearningPlayer('generator', generator.model, optimizers.generator),
      discriminator: new LearningPlayer(
        'discriminator',
        discriminator.model,
        optimizers.discriminator,
      ),
    };
    const { latentSize, latentDistribution } = generator;
    this.#step = new AdversarialStep({
      ...this.players,
      loss,
      updates,
      latents: (count) => drawLatents(this.random.latents, count, latentSize, latentDistribution),
    });
  }

  /** How many batches of real samples one step takes. */
  get batchesPerStep(): number {
    return this.#step.batches;
  }

  /**
   * Plays one step. Whatever goes wrong, a NaN or an error in a user's loss, both players and the random numbers are
   * put back where they stood before it.
   */
  async play(batches: readonly Batch[], number: number): Promise<StepNumbers> {
    const held = [this.players.generator.hold(), this.players.discriminator.hold()];
    const { latents, layers } = this.random;
    const states = [latents.state, layers.state] as const;
    try {
      const numbers = await readStep(withSeededMathRandom(layers, () => this.#step.run(batches)));
      await checkFinite(numbers, {
        step: number,
        learningRates: {
          generator: this.#optimizers.generator.learningRate,
          discriminator: this.#optimizers.discriminator.learningRate,
        },
        samplesAreFinite: async () =>
          (await Promise.all(batches.map((batch) => isFiniteTensor(batch.samples)))).every(Boolean),
      });
      return numbers;
    } catch (error) {
      for (const player of held) player.revert();
      [latents.state, layers.state] = states;
      throw error;
    } finally {
      for (const player of held) player.release();
    }
  }

  dispose(): void {
    this.players.generator.dispose();
    this.players.discriminator.dispose();
  }
}
