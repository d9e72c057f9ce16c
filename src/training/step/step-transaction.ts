import * as tf from '@tensorflow/tfjs';
import { seedMathRandom } from '../../core/math-random.ts';
import type { TrainingProgress } from '../../core/schedules/schedule.ts';
import { uniqueNames } from '../../core/unique-part-names.ts';
import type { Constraint } from '../../constraints/constraint.ts';
import type { Game, Tensors } from '../../games/game.ts';
import { Generator } from '../../models/generator.ts';
import { EmaWeights } from '../../models/ema-weights.ts';
import { isFiniteTensor, rowsOf } from './batch-tensors.ts';
import { type Held, holdPart } from '../state/stateful-part.ts';
import { type EmaSettings, NetworkEma } from './ema.ts';
import { LiveNetwork } from './live-network.ts';
import { NetworkConstraints } from './network-constraints.ts';
import { GameTurns, type Lap, type StepScalars } from './play-turns.ts';
import { checkFinite, readStep, type StepNumbers } from './read-step.ts';
import { StepMemory } from './step-memory.ts';

/** The parts of a {@link StepTransaction}. @internal */
export interface StepParts {
  readonly game: Game;
  readonly constraints: readonly Constraint[];
  /** The averages of networks, by their names. */
  readonly ema: Readonly<Record<string, EmaSettings | undefined>>;
  readonly seed: number;
  /** The places of the game's penalty slots; `undefined` if only its turns know them. */
  readonly penaltyPlaces?: readonly string[] | undefined;
}

/** The numbers of a step. @internal */
export type PlayedStep = StepNumbers & {
  /** The learning rate of each network that was updated. */
  readonly learningRates: Readonly<Record<string, number>>;
};

/**
 * All state that training changes. A step changes it completely or not at all.
 *
 * @internal
 */
export class StepTransaction {
  readonly networks: ReadonlyMap<string, LiveNetwork>;
  readonly memory: StepMemory;
  readonly penaltyPlaces: readonly string[] | undefined;
  readonly #turns: GameTurns;

  constructor({ game, constraints, ema, seed, penaltyPlaces }: StepParts) {
    this.penaltyPlaces = penaltyPlaces;
    this.memory = new StepMemory(seed);
    this.networks = makeNetworks(game, constraints, ema, seed);
    this.#turns = new GameTurns(game, this.networks, this.memory);
  }

  /** How many batches of real samples one step takes. */
  get batchesPerStep(): number {
    return this.#turns.batchesPerStep;
  }

  /**
   * Plays one step. If anything fails, such as a NaN or an error in a custom loss, all networks,
   * slots and random numbers are restored to their values before the step.
   */
  async play(
    batches: readonly Tensors<string>[],
    progress: TrainingProgress,
    lap: Lap,
  ): Promise<PlayedStep> {
    const held = this.#hold();
    try {
      let scalars: StepScalars | undefined;
      // Constraints begin and end their step before the first `await`, so that concurrent sampling
      // uses the weights that are meant for sampling.
      const finish = this.#begin();
      try {
        scalars = this.#turns.play(batches, progress, lap);
      } finally {
        finish(scalars);
      }
      const samples = batches.reduce((sum, batch) => sum + rowsOf(batch), 0);
      for (const { ema } of this.networks.values()) ema?.afterStep(progress, samples);
      const numbers = await readStep(scalars);
      const learningRates = this.#learningRates(Object.keys(numbers.gradientNorms));
      await checkFinite(numbers, {
        step: progress.step,
        learningRates,
        updates: this.#turns.updates,
        samplesAreFinite: () => areFinite(batches),
      });
      return { ...numbers, learningRates };
    } catch (error) {
      held.revert();
      throw error;
    } finally {
      held.release();
    }
  }

  dispose(): void {
    for (const network of this.networks.values()) network.dispose();
    this.memory.dispose();
  }

  #hold(): Held {
    const held = [...[...this.networks.values()].map((network) => network.hold())];
    held.push(holdPart(this.memory));
    const random = this.memory.randomStates;
    const updates = [...this.memory.updates];
    return {
      revert: () => {
        for (const part of held) part.revert();
        this.memory.randomStates = random;
        this.memory.updates.clear();
        for (const [turn, count] of updates) this.memory.updates.set(turn, count);
      },
      release: () => {
        for (const part of held) part.release();
      },
    };
  }

  /**
   * Begins a step: layers draw from the trainer's random source, and constraints put the trained
   * weights in place.
   *
   * @returns A function that ends it, and disposes the step's numbers if that fails.
   */
  #begin(): (scalars: StepScalars | undefined) => void {
    const constraints = [...this.networks.values()].map((network) => network.constraints);
    const putBack = seedMathRandom('train', this.memory.random('layers'));
    const end = (): void => {
      putBack();
      this.memory.endStep();
      endStep(constraints);
    };
    try {
      for (const one of constraints) one.beforeStep();
    } catch (error) {
      end();
      throw error;
    }
    return (scalars) => {
      try {
        end();
      } catch (error) {
        tf.dispose((scalars ?? []) as object as tf.TensorContainer);
        throw error;
      }
    };
  }

  #learningRates(names: readonly string[]): Readonly<Record<string, number>> {
    return Object.fromEntries(
      names.map((name) => [name, this.networks.get(name)!.optimizer!.learningRate]),
    );
  }
}

async function areFinite(batches: readonly Tensors<string>[]): Promise<boolean> {
  const tensors = batches.flatMap((batch) => Object.values(batch));
  return (await Promise.all(tensors.map(isFiniteTensor))).every(Boolean);
}

/** Ends the step for all networks, even if one fails. */
function endStep(all: readonly NetworkConstraints[]): void {
  const failures: unknown[] = [];
  for (const constraints of all) {
    try {
      constraints.afterStep();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** All networks with their constraints; if one cannot be created, the others are disposed. */
function makeNetworks(
  game: Game,
  constraints: readonly Constraint[],
  ema: StepParts['ema'],
  seed: number,
): ReadonlyMap<string, LiveNetwork> {
  const named = uniqueNames(constraints);
  const made: { dispose(): void }[] = [];
  const make = <T extends { dispose(): void }>(part: T): T => {
    made.push(part);
    return part;
  };
  try {
    const networks = Object.entries(game.networks).map(([name, { network, optimizer }]) => {
      const ruling = optimizer === undefined ? [] : named;
      const own = make(new NetworkConstraints(name, network.model, ruling, seed));
      const parts = { name, network, optimizer, constraints: own };
      return [name, make(new LiveNetwork(parts))] as const;
    });
    // Last, because it initializes the averages of generators: an earlier error must leave them
    // unchanged.
    for (const [name, live] of networks) {
      const settings = ema[name];
      if (settings !== undefined) live.ema = new NetworkEma(name, ...averagesOf(live), settings);
    }
    return new Map(networks);
  } catch (error) {
    for (const part of made) part.dispose();
    throw error;
  }
}

/**
 * The averages of a network, and whether the trainer owns them: a generator samples from its own
 * after training.
 */
function averagesOf({ network }: LiveNetwork): readonly [averages: EmaWeights, isOwn: boolean] {
  return network instanceof Generator
    ? [network.emaWeights(), false]
    : [new EmaWeights(network.model), true];
}
