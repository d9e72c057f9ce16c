import type * as tf from '@tensorflow/tfjs';

/**
 * Runs a kernel of the backend; the result is freed with the layer's step unless it is returned.
 *
 * @internal
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- infers a type
export type RunKernel = <Result = tf.TensorInfo>(
  kernelName: string,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attributes?: object,
) => Result;

/** How a layer runs. @internal */
export interface PassMode {
  /** Whether the pass is recorded for a gradient. tfjs fuses other operations than without one. */
  readonly isRecorded: boolean;
  /** Whether batch norm updates its moving statistics. */
  readonly moves: boolean;
}

/** What a layer computed, and the tensors that its gradient needs. @internal */
export interface LayerResult {
  readonly y: tf.TensorInfo;
  readonly saved: readonly tf.TensorInfo[];
}

/** Which gradients of a layer are requested. @internal */
export interface WantedGradients {
  readonly x: boolean;
  /** In the order of the layer's weights. */
  readonly weights: readonly boolean[];
}

/** The gradients of a layer; those that are not requested may be missing. @internal */
export interface LayerGradients {
  readonly x?: tf.TensorInfo | undefined;
  readonly weights: readonly (tf.TensorInfo | undefined)[];
}

/**
 * A layer as kernels: those that tfjs would run, on the same inputs, so that the bits are the same.
 *
 * @internal
 */
export interface PlannedLayer {
  readonly weights: readonly tf.LayerVariable[];
  forward(
    run: RunKernel,
    x: tf.TensorInfo,
    weights: readonly tf.TensorInfo[],
    mode: PassMode,
  ): LayerResult;
  /** Gets what {@link PlannedLayer.forward} saved. */
  backward(
    run: RunKernel,
    dy: tf.TensorInfo,
    saved: readonly tf.TensorInfo[],
    weights: readonly tf.TensorInfo[],
    wanted: WantedGradients,
  ): LayerGradients;
}
