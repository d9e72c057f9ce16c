import type * as tf from '@tensorflow/tfjs';

/**
 * How layers are connected: each use of a layer is a node, which TensorFlow.js documents for its own use only
 * (`sourceLayer`, `nodeIndex`, `inboundNodes`, `outboundNodes`).
 */

/** Where a tensor of a model comes from: a layer, which of its outputs it is, and what the layer was given first. @internal */
export interface TensorSource {
  readonly layer: tf.layers.Layer;
  readonly output: number;
  readonly input: tf.SymbolicTensor | undefined;
}

/** @internal */
export function sourceOf({
  sourceLayer,
  nodeIndex,
  outputTensorIndex = 0,
}: tf.SymbolicTensor): TensorSource {
  const [input] = sourceLayer.inboundNodes[nodeIndex]?.inputTensors ?? [];
  return { layer: sourceLayer, output: outputTensorIndex, input };
}

/** The layers that the layer which made a tensor is connected to. @internal */
export function layersAfter({ sourceLayer }: tf.SymbolicTensor): readonly tf.layers.Layer[] {
  return sourceLayer.outboundNodes.map(({ outboundLayer }) => outboundLayer);
}
