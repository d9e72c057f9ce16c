import * as tf from '@tensorflow/tfjs';

/** One call of a layer: what it is given besides itself, and how to run it. @internal */
export interface LayerCall {
  readonly inputs: tf.Tensor | tf.Tensor[];
  readonly settings: Parameters<tf.layers.Layer['call']>[1];
  readonly run: () => tf.Tensor | tf.Tensor[];
}

/**
 * Runs a pass while something else takes the place of the calls of layers.
 *
 * TensorFlow.js has no hooks on layers, so their `call`, which everything that runs a layer ends in, is replaced while the
 * pass runs.
 *
 * @param layers - Those whose calls are replaced.
 * @param replacement - Returns what the layer would.
 * @param pass - Runs the network.
 * @returns What the pass returns.
 *
 * @internal
 */
export function replaceLayerCalls<T>(
  layers: Iterable<tf.layers.Layer>,
  replacement: (layer: tf.layers.Layer, call: LayerCall) => tf.Tensor | tf.Tensor[],
  pass: () => T,
): T {
  const restore = [...new Set(layers)].map((layer) => {
    const own = Object.getOwnPropertyDescriptor(layer, 'call');
    const call = layer.call.bind(layer);
    layer.call = (inputs, settings) =>
      replacement(layer, { inputs, settings, run: () => call(inputs, settings) });
    return (): void => {
      if (own === undefined) delete (layer as { call?: unknown }).call;
      else Object.defineProperty(layer, 'call', own);
    };
  });
  try {
    return pass();
  } finally {
    for (const back of restore) back();
  }
}

/** What a layer was given or made in one pass of its network. */
export interface ListenedLayer {
  readonly layer: tf.layers.Layer;
  readonly end: 'input' | 'output';
}

/**
 * Runs a pass and returns what layers were given, or made; the last time, if the pass uses one several times.
 *
 * @param pass - Runs the network once.
 * @returns One tensor for each layer, the caller's; `undefined` for one that the pass does not reach.
 *
 * @internal
 */
export function listenTo(
  listened: readonly ListenedLayer[],
  pass: () => void,
): readonly (tf.Tensor | undefined)[] {
  const heard = listened.map((): tf.Tensor | undefined => undefined);
  const listen = (layer: tf.layers.Layer, { inputs, run }: LayerCall): tf.Tensor | tf.Tensor[] => {
    const outputs = run();
    for (const [i, each] of listened.entries()) {
      if (each.layer !== layer) continue;
      const [tensor] = [each.end === 'input' ? inputs : outputs].flat();
      heard[i]?.dispose();
      // Networks free what they make on the way as soon as they can.
      heard[i] = tensor && tf.keep(tensor.clone());
    }
    return outputs;
  };
  try {
    replaceLayerCalls(
      listened.map(({ layer }) => layer),
      listen,
      pass,
    );
    return heard.map((tensor) => tensor?.clone());
  } finally {
    for (const tensor of heard) tensor?.dispose();
  }
}
