import * as tf from '@tensorflow/tfjs';

/** One call of a layer: its inputs and settings, and how to run it. @internal */
export interface LayerCall {
  readonly inputs: tf.Tensor | tf.Tensor[];
  readonly settings: Parameters<tf.layers.Layer['call']>[1];
  readonly run: () => tf.Tensor | tf.Tensor[];
}

/**
 * Runs a pass with replacements for the calls of layers.
 *
 * TensorFlow.js has no hooks on layers, so their method `call`, which is used by every way to run a
 * layer, is replaced during the pass.
 *
 * @param layers - The layers whose calls are replaced.
 * @param replacement - Returns the output in place of the layer.
 * @param pass - Runs the network.
 * @returns The result of the pass.
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

/** The input or output of a layer in one pass of its network. */
export interface ListenedLayer {
  readonly layer: tf.layers.Layer;
  readonly end: 'input' | 'output';
}

/**
 * Runs a pass and returns inputs or outputs of layers; of the last call, if the pass uses a layer
 * several times.
 *
 * @param pass - Runs the network once.
 * @returns One tensor for each layer, which the caller owns; `undefined` for one that the pass does
 * not reach.
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
      // Networks free intermediate tensors as soon as possible.
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
