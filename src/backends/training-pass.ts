import type * as tf from '@tensorflow/tfjs';

/**
 * A forward pass of a model in training mode that a backend has planned: the same bits as the model
 * itself, with less work around the kernels.
 *
 * @internal
 */
export interface TrainingPass {
  /** Whether no layer runs itself: statistics then change only in passes that update them. */
  readonly isWhole: boolean;
  /**
   * Whether the pass can run now. If not, the model itself has to: for another shape or dtype,
   * under a gradient of a gradient, or while the call of a layer is replaced.
   *
   * @param x - The model's only input.
   */
  canRun(x: tf.Tensor): boolean;
  /**
   * Runs the pass. Under a gradient it is recorded like any operation.
   *
   * @param x - The model's only input.
   * @param moves - Whether batch norm updates its moving statistics.
   * @returns The model's only output.
   */
  run(x: tf.Tensor, moves: boolean): tf.Tensor;
}

/** A backend that plans passes. @internal */
export interface PassPlanner {
  /**
   * The planned pass of a model with the current settings of its layers; `undefined` if the model
   * is none that it can plan.
   */
  trainingPass?(model: tf.LayersModel): TrainingPass | undefined;
}
