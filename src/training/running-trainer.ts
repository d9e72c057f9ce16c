import type { Game } from '../games/game.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import type { History } from './history.ts';
import type { Lineages } from './state/checkpoints/lineage.ts';
import type { TrainerConfiguration } from './state/configuration.ts';
import type { TrainerSnapshot } from './state/trainer-snapshot.ts';

/**
 * A `Trainer` as callbacks see it: the members that may be used while it trains.
 *
 * @example A function for callbacks that saves the generator under the number of the step
 * ```ts
 * const save = async ({ generator, step }: RunningTrainer): Promise<void> =>
 *   void (await generator.save(`file://step-${step}`));
 * const saver: Callback = { onEpochEnd: (_, run) => save(run.trainer) };
 * await trainer.fit(dataset, { epochs: 1, batchSize: 32, callbacks: [saver] });
 * ```
 */
export interface RunningTrainer {
  /** What it trains: networks, turns, terms. */
  readonly game: Game;
  /** The generator that is displayed, evaluated and saved by default: the first one of the game. */
  readonly generator: Generator;
  /** The network `discriminator` of the game; throws if it has none. */
  readonly discriminator: Discriminator;
  /** Every setting that affects the result of training, by name. */
  readonly configuration: TrainerConfiguration;
  /** The history over the trainer's life. */
  readonly history: History;
  /** Number of steps, including those before a restore. */
  readonly step: number;
  /** Number of finished epochs, including those before a restore. */
  readonly epoch: number;
  /** What it knows about checkpoint stores. @internal */
  readonly lineages: Lineages;
  /**
   * Copies everything that is needed to resume exactly from here.
   *
   * @returns Plain data.
   */
  snapshot(): Promise<TrainerSnapshot>;
}
