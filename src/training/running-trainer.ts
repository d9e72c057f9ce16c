import type { Game } from '../games/game.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import type { History } from './history.ts';
import type { Lineages } from './state/checkpoints/lineage.ts';
import type { TrainerConfiguration } from './state/configuration.ts';
import type { TrainerSnapshot } from './state/trainer-snapshot.ts';

/**
 * A `Trainer` as its callbacks see it: all of it that may be used while it trains.
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
  /** The generator that is shown, judged and saved if nothing else is asked for: the game's first. */
  readonly generator: Generator;
  /** The network `discriminator` of the game; an error if it has none. */
  readonly discriminator: Discriminator;
  /** Every setting that decides what training computes, by name. */
  readonly configuration: TrainerConfiguration;
  /** What happened over the trainer's life. */
  readonly history: History;
  /** How many steps it made, those before a restore included. */
  readonly step: number;
  /** How many epochs it finished, those before a restore included. */
  readonly epoch: number;
  /** What it knows of checkpoint stores. @internal */
  readonly lineages: Lineages;
  /**
   * Copies out everything needed to go on exactly from here.
   *
   * @returns Plain data.
   */
  snapshot(): Promise<TrainerSnapshot>;
}
