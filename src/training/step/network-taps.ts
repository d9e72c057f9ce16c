import * as tf from '@tensorflow/tfjs';
import { leafLayers } from '../../models/layers-model.ts';
import { keyedLayers } from '../../models/model-weights.ts';
import { type ListenedLayer, listenTo } from '../../tfjs-internals/layer-call.ts';

/** Maximum number of layers that an error lists. */
const longestList = 24;

/**
 * Reads the outputs of layers during a pass, including layers of nested models.
 *
 * It records the outputs while the whole network runs, so it needs no second network and reads the
 * values of the same pass.
 *
 * @internal
 */
export class NetworkTaps {
  readonly #name: string;
  readonly #model: tf.LayersModel;
  #layers: ReadonlyMap<string, tf.layers.Layer> | undefined;

  constructor(name: string, model: tf.LayersModel) {
    this.#name = name;
    this.#model = model;
  }

  /**
   * Runs a pass and returns the outputs of layers.
   *
   * @param layers - Their names, or their positions and kinds such as `3.conv2D`; `undefined` for
   * the input of the last layer with weights: the features right before the output.
   * @param pass - Runs the network once.
   * @returns One tensor for each layer; the caller disposes them.
   * @throws RangeError if a layer does not exist, or the pass does not reach it.
   */
  read(layers: readonly (string | undefined)[], pass: () => void): readonly tf.Tensor[] {
    const listened = layers.map((name) => this.#listened(name));
    return listenTo(listened, pass).map((tensor, i) => {
      if (tensor !== undefined) return tensor;
      throw new RangeError(
        `Cannot read features: the layer '${listened[i]!.layer.name}' must be on the way to the output of the ` +
          `${this.#name}, got one that is not`,
      );
    });
  }

  #listened(name: string | undefined): ListenedLayer {
    if (name !== undefined) return { layer: this.#named(name), end: 'output' };
    const [last] = leafLayers(this.#model)
      .filter(({ weights }) => weights.length > 0)
      .reverse();
    if (last !== undefined) return { layer: last, end: 'input' };
    throw new RangeError(
      `Cannot read features: the ${this.#name} must have a layer with weights, got none`,
    );
  }

  #named(name: string): tf.layers.Layer {
    this.#layers ??= new Map([
      ...namedLayers(this.#model).map((layer) => [layer.name, layer] as const),
      ...keyedLayers(this.#model),
    ]);
    const layer = this.#layers.get(name);
    if (layer !== undefined) return layer;
    const known = keyedLayers(this.#model).map(([key, { name: given }]) => `${key} ('${given}')`);
    const more = known.length > longestList ? `, … and ${known.length - longestList} more` : '';
    throw new RangeError(
      `Cannot read features: layer must be a layer of the ${this.#name}, got '${name}'. ` +
        `It has ${known.slice(0, longestList).join(', ')}${more}`,
    );
  }
}

/** All layers with a name, including those of nested models. */
function namedLayers(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.flatMap((layer) =>
    layer instanceof tf.LayersModel ? [layer, ...namedLayers(layer)] : [layer],
  );
}
