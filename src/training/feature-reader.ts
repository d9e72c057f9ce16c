import * as tf from '@tensorflow/tfjs';
import { leafLayers } from '../models/layers-model.ts';
import { keyedLayers } from '../models/model-weights.ts';

/** Most layers that an error lists. */
const longestList = 24;

/**
 * Reads what passes through one layer of a network, at any depth of models inside models.
 *
 * It listens at the layer while the whole network runs, so it needs no second network and sees exactly what the first
 * one does.
 *
 * @internal
 */
export class FeatureReader {
  readonly #model: tf.LayersModel;
  readonly #layers = new Map<string, tf.layers.Layer>();

  constructor(model: tf.LayersModel) {
    this.#model = model;
    for (const layer of namedLayers(model)) this.#layers.set(layer.name, layer);
    for (const [key, layer] of keyedLayers(model)) this.#layers.set(key, layer);
  }

  /**
   * Runs passes and answers what a layer made of each.
   *
   * @param layer - Its name, or its place and kind such as `3.conv2D`; left out, what the last layer with weights is
   * given: the features right before the logits.
   * @param passes - Each runs the network once.
   * @returns One tensor for each pass; the caller disposes them.
   * @throws RangeError where there is no such layer.
   */
  read(layer: string | undefined, passes: readonly (() => void)[]): tf.Tensor[] {
    const [listened, end] =
      layer === undefined
        ? ([leafLayers(this.#model).filter(hasWeights).at(-1), 'input'] as const)
        : ([this.#named(layer), 'output'] as const);
    return passes.map((pass) => listen(listened, end, pass));
  }

  #named(name: string): tf.layers.Layer {
    const layer = this.#layers.get(name);
    if (layer !== undefined) return layer;
    const known = keyedLayers(this.#model).map(([key, { name: given }]) => `${key} ('${given}')`);
    const more = known.length > longestList ? `, … and ${known.length - longestList} more` : '';
    throw new RangeError(
      `Cannot read features: layer must be a layer of the discriminator, got '${name}'. ` +
        `It has ${known.slice(0, longestList).join(', ')}${more}`,
    );
  }
}

/** Runs a pass and keeps what a layer was given, or answered; the last time, where the pass uses it several times. */
function listen(layer: tf.layers.Layer, end: 'input' | 'output', pass: () => void): tf.Tensor {
  const own = Object.getOwnPropertyDescriptor(layer, 'call');
  const call = layer.call.bind(layer);
  let heard: tf.Tensor | undefined;
  layer.call = (inputs, settings): tf.Tensor | tf.Tensor[] => {
    const outputs = call(inputs, settings);
    const [tensor] = [end === 'input' ? inputs : outputs].flat();
    heard?.dispose();
    // Networks free what they make on the way as soon as they can.
    heard = tensor && tf.keep(tensor.clone());
    return outputs;
  };
  try {
    pass();
    if (heard !== undefined) return heard.clone();
  } finally {
    heard?.dispose();
    if (own === undefined) delete (layer as { call?: unknown }).call;
    else Object.defineProperty(layer, 'call', own);
  }
  throw new RangeError(
    `Cannot read features: the layer '${layer.name}' must be on the way to the logits, got one that is not`,
  );
}

function hasWeights(layer: tf.layers.Layer): boolean {
  return layer.weights.length > 0;
}

/** All layers with a name, models inside models among them. */
function namedLayers(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.flatMap((layer) =>
    layer instanceof tf.LayersModel ? [layer, ...namedLayers(layer)] : [layer],
  );
}
