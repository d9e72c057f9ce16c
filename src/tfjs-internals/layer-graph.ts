import type * as tf from '@tensorflow/tfjs';

/**
 * The connections between layers: each use of a layer is a node, which TensorFlow.js documents as
 * internal (`sourceLayer`, `nodeIndex`, `inboundNodes`, `outboundNodes`).
 */

/**
 * The origin of a tensor of a model: a layer, the index of its output, which use of the layer it
 * was, and the inputs and outputs of that use.
 *
 * @internal
 */
export interface TensorSource {
  readonly layer: tf.layers.Layer;
  readonly output: number;
  /** Counted from 0. */
  readonly use: number;
  readonly inputs: readonly tf.SymbolicTensor[];
  readonly outputs: readonly tf.SymbolicTensor[];
}

/** @internal */
export function sourceOf({
  sourceLayer,
  nodeIndex,
  outputTensorIndex = 0,
}: tf.SymbolicTensor): TensorSource {
  const node = sourceLayer.inboundNodes[nodeIndex];
  const inputs = node?.inputTensors ?? [];
  const outputs = node?.outputTensors ?? [];
  return { layer: sourceLayer, output: outputTensorIndex, use: nodeIndex, inputs, outputs };
}

/** One use of a tensor by a layer. @internal */
export interface TensorUse {
  readonly layer: tf.layers.Layer;
  /** All inputs of that use. */
  readonly inputs: readonly tf.SymbolicTensor[];
  readonly outputs: readonly tf.SymbolicTensor[];
}

/** The uses of a tensor by other layers. @internal */
export function usesOf(tensor: tf.SymbolicTensor): readonly TensorUse[] {
  return tensor.sourceLayer.outboundNodes
    .map(({ outboundLayer, inputTensors, outputTensors }) => ({
      layer: outboundLayer,
      inputs: inputTensors,
      outputs: outputTensors,
    }))
    .filter(({ inputs }) => inputs.includes(tensor));
}

/** The layers to which the layer that computed a tensor is connected. @internal */
export function layersAfter({ sourceLayer }: tf.SymbolicTensor): readonly tf.layers.Layer[] {
  return sourceLayer.outboundNodes.map(({ outboundLayer }) => outboundLayer);
}
