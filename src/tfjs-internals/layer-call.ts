import * as tf from '@tensorflow/tfjs';

/** What a layer was given or made in one pass of its network. */
export interface ListenedLayer {
  readonly layer: tf.layers.Layer;
  readonly end: 'input' | 'output';
}

/**
 * Runs a pass and returns what layers were given, or made; the last time, if the pass uses one several times.
 *
 * TensorFlow.js has no hooks on layers, so their `call` is replaced while the pass runs.
 *
 * @param pass - Runs the network once.
 * @returns One tensor for each layer, the caller's; `undefined` for one that the pass does not reach.
 *
 * @internal
 */
export function listenTo(
  layers: readonly ListenedLayer[],
  pass: () => void,
): readonly (tf.Tensor | undefined)[] {
  const heard = layers.map((): tf.Tensor | undefined => undefined);
  const restore = layers.map(({ layer, end }, i) => {
    const own = Object.getOwnPropertyDescriptor(layer, 'call');
    const call = layer.call.bind(layer);
    layer.call = (inputs, settings): tf.Tensor | tf.Tensor[] => {
      const outputs = call(inputs, settings);
      const [tensor] = [end === 'input' ? inputs : outputs].flat();
      heard[i]?.dispose();
      // Networks free what they make on the way as soon as they can.
      heard[i] = tensor && tf.keep(tensor.clone());
      return outputs;
    };
    return (): void => {
      if (own === undefined) delete (layer as { call?: unknown }).call;
      else Object.defineProperty(layer, 'call', own);
    };
  });
  try {
    pass();
    return heard.map((tensor) => tensor?.clone());
  } finally {
    for (const tensor of heard) tensor?.dispose();
    // The other way round, as a layer may be listened to twice.
    for (const back of restore.reverse()) back();
  }
}
