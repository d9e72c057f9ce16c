import type * as tf from '@tensorflow/tfjs';

/**
 * A forward pass of a model in training mode that a backend has planned: the same bits as the model
 * itself, with less work around the kernels.
 *
 * @internal
 */
export interface TrainingPass {
  /** Whether no layer with statistics runs itself: they change only in passes that update them. */
  readonly keepsStatistics: boolean;
  /**
   * Whether the pass can run now. If not, the model itself has to: for another shape or dtype,
   * under a gradient of a gradient, or while the call of a layer is replaced.
   *
   * @param inputs - In the model's order.
   */
  canRun(inputs: readonly tf.Tensor[]): boolean;
  /**
   * Runs the pass. Under a gradient it is recorded like any operation.
   *
   * @param inputs - In the model's order.
   * @param moves - Whether batch norm updates its moving statistics.
   * @returns The outputs in the model's order.
   */
  run(inputs: readonly tf.Tensor[], moves: boolean): readonly tf.Tensor[];
}

/** A backend that plans passes. @internal */
export interface PassPlanner {
  /**
   * The planned pass of a model with the current settings of its layers; `undefined` if the model
   * is none that it can plan.
   */
  trainingPass?(model: tf.LayersModel): TrainingPass | undefined;
}
