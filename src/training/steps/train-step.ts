import type * as tf from '@tensorflow/tfjs';
import type { Batch } from '../../data/dataset.ts';

/** The numbers of a step while they are still tensors. They are the caller's to dispose. */
export type StepScalars = Readonly<
  Record<
    | 'discriminatorLoss'
    | 'generatorLoss'
    | 'discriminatorGradientNorm'
    | 'generatorGradientNorm'
    | 'accuracyReal'
    | 'accuracyFake',
    tf.Scalar
  >
>;

/**
 * One step of the game: moves each player as often as the rules say.
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
   * @returns What happened, still as tensors, so that all of it is read at once.
   */
  run(batches: readonly Batch[]): StepScalars;
}
