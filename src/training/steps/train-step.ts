import type * as tf from '@tensorflow/tfjs';
import type { TrainingProgress } from '../../core/schedules/schedule.ts';
import type { Batch } from '../../data/dataset.ts';
import type { StepPartSeconds } from '../step-info.ts';

/** One thing for each network. */
type PerNetwork<T> = Readonly<Record<'discriminator' | 'generator', T>>;

/** The numbers of a step. */
export interface StepValues<T> {
  /** What each network wanted to be small. */
  readonly losses: PerNetwork<T>;
  /** What each loss is the sum of, by name. */
  readonly terms: PerNetwork<Readonly<Record<string, T>>>;
  /** Length of each network's gradient. */
  readonly gradientNorms: PerNetwork<T>;
  /** Share of samples judged right. */
  readonly accuracy: Readonly<Record<'real' | 'fake', T>>;
  /** What constraints show of themselves. */
  readonly constraintMetrics: PerNetwork<Readonly<Record<string, T>>>;
  /**
   * Sum of the generator's weights as the step leaves them: not finite where one of them is not. Those of the discriminator
   * need none, since what the generator learns passes through them.
   */
  readonly generatorWeights: T;
}

/** The numbers of a step while they are still tensors. They are the caller's to dispose. */
export type StepScalars = StepValues<tf.Scalar>;

/** Adds the time since the last call to a part of the step. @internal */
export type Lap = (part: keyof StepPartSeconds) => void;

/**
 * One step of the game: moves each network as often as the rules say.
 *
 * @internal
 */
export interface TrainStep {
  /** How many batches of real samples one step takes. */
  readonly batches: number;
  /**
   * Plays one step.
   *
   * @param batches - As many batches as the step takes; they stay the caller's.
   * @param progress - Number of the step over the trainer's life, and what was done before it.
   * @param lap - Told when a part of the step is done, for the time it took.
   * @returns What happened, still as tensors, so that all of it is read at once.
   */
  run(batches: readonly Batch[], progress: TrainingProgress, lap: Lap): StepScalars;
}
