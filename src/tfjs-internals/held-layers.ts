import type * as tf from '@tensorflow/tfjs';

/**
 * The fields in which models and the wrappers of TensorFlow.js keep layers; they are not in its
 * types.
 */
interface Holder extends tf.layers.Layer {
  readonly layers?: readonly tf.layers.Layer[] | undefined;
  readonly layer?: tf.layers.Layer | undefined;
  readonly forwardLayer?: tf.layers.Layer | undefined;
  readonly backwardLayer?: tf.layers.Layer | undefined;
}

/**
 * The layers of a model, or those inside a wrapper such as timeDistributed or bidirectional.
 *
 * @internal
 */
export function heldLayers(layer: tf.layers.Layer): readonly tf.layers.Layer[] {
  const { layers, forwardLayer, backwardLayer } = layer as Holder;
  return (
    layers ??
    [wrappedLayer(layer), forwardLayer, backwardLayer].filter((each) => each !== undefined)
  );
}

/** The layer inside a wrapper that has one, such as timeDistributed. @internal */
export function wrappedLayer(layer: tf.layers.Layer): tf.layers.Layer | undefined {
  return (layer as Holder).layer;
}
