import * as tf from '@tensorflow/tfjs';
import { wrappedLayer } from '../tfjs-internals/held-layers.ts';
import { isOwnVariable } from '../tfjs-internals/layer-variables.ts';

/**
 * TensorFlow.js finds the weights of a saved model by their names. Those of layers in different models of one model may be
 * equal, and so may those of a layer that is there twice; it saves them, and then refuses to load them.
 */

/** A layer as `model.toJSON` describes it. */
interface LayerJson {
  name?: string;
  readonly config: {
    name: string;
    readonly layers?: LayerJson[];
    readonly layer?: LayerJson;
    readonly input_layers?: Reference[];
    readonly output_layers?: Reference[];
  };
  readonly inbound_nodes?: Reference[][];
}

/** A layer's name first. */
type Reference = [name: string, ...rest: unknown[]];

/**
 * Gives the layers and weights of a saved model names that are unique, where they are not. The live model keeps its own.
 *
 * @param model - What was saved.
 * @param weights - `model.weights` as it was when they were read.
 * @param artifacts - What TensorFlow.js saves of it; its topology is changed.
 * @returns The artifacts under unique names.
 *
 * @internal
 */
export function uniquelyNamed(
  model: tf.LayersModel,
  weights: readonly tf.LayerVariable[],
  artifacts: tf.io.ModelArtifacts,
): tf.io.ModelArtifacts {
  const names = new Names(layerNames(model));
  names.visit(model, artifacts.modelTopology as LayerJson);
  // A weight that is in the model twice is saved twice.
  const left = new Map([...names.ofWeight].map(([weight, all]) => [weight, [...all]]));
  const weightSpecs = artifacts.weightSpecs?.map((spec, i) => {
    const weight = weights[i];
    const name = weight === undefined ? undefined : left.get(weight)?.shift();
    return name === undefined ? spec : { ...spec, name };
  });
  return weightSpecs === undefined ? artifacts : { ...artifacts, weightSpecs };
}

/**
 * Gives the weights of a model that was just built the names under which they were saved, by {@link uniquelyNamed} or by
 * TensorFlow.js.
 *
 * @param saved - The names of the saved weights.
 *
 * @internal
 */
export function takeSavedNames(model: tf.LayersModel, saved: ReadonlySet<string>): void {
  const taken = new Set<string>();
  for (const layer of leavesOf(model)) {
    for (const weight of layer.weights) {
      const { originalName } = weight;
      const wanted = saved.has(originalName) ? originalName : weightName(layer, weight, layer.name);
      Object.assign(weight, { originalName: claim(wanted, taken) });
    }
  }
}

function leavesOf(model: tf.LayersModel): tf.layers.Layer[] {
  return model.layers.flatMap((layer) => {
    const inner = modelIn(layer);
    return inner === undefined ? [layer] : leavesOf(inner);
  });
}

/** A name that is not taken yet, which is then. */
function claim(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 1; taken.has(name); i += 1) name = `${wanted}_${i}`;
  taken.add(name);
  return name;
}

class Names {
  /** The names of each weight, one for each time that it is in the model. */
  readonly ofWeight = new Map<tf.LayerVariable, string[]>();
  readonly #takenWeights = new Set<string>();
  readonly #takenLayers: Set<string>;

  constructor(layers: Iterable<string>) {
    this.#takenLayers = new Set(layers);
  }

  /** Names what is in a model, in `json` as well. */
  visit(model: tf.LayersModel, json: LayerJson | undefined): void {
    const config = json?.config;
    // A user's own model may describe itself in another way.
    const described = config?.layers?.length === model.layers.length ? config.layers : [];
    const siblings = new Set<string>();
    const renamed = new Map<string, string>();
    model.layers.forEach((layer, i) => {
      const child = described[i];
      const inner = modelIn(layer);
      const name = this.#nameOf(layer, inner === undefined, siblings);
      siblings.add(name);
      if (child !== undefined) {
        renamed.set(layer.name, name);
        child.config.name = name;
        if (child.name !== undefined) child.name = name;
      }
      if (inner === undefined) this.#takeWeights(layer, name);
      else this.visit(inner, inner === layer ? child : child?.config.layer);
    });
    for (const reference of referencesIn(config, described)) {
      reference[0] = renamed.get(reference[0]) ?? reference[0];
    }
  }

  /** The layer's own name, or that with a number if it would give a weight or a sibling a name that is taken. */
  #nameOf(layer: tf.layers.Layer, hasWeights: boolean, siblings: ReadonlySet<string>): string {
    const isFree = (name: string): boolean =>
      !siblings.has(name) &&
      !(hasWeights && ownNames(layer, name).some((weight) => this.#takenWeights.has(weight)));
    if (isFree(layer.name)) return layer.name;
    let name = layer.name;
    for (let i = 1; this.#takenLayers.has(name) || !isFree(name); i += 1)
      name = `${layer.name}_${i}`;
    this.#takenLayers.add(name);
    return name;
  }

  #takeWeights(layer: tf.layers.Layer, layerName: string): void {
    for (const weight of layer.weights) {
      const name = claim(weightName(layer, weight, layerName), this.#takenWeights);
      this.ofWeight.set(weight, [...(this.ofWeight.get(weight) ?? []), name]);
    }
  }
}

/** The model that a layer is, or wraps. */
function modelIn(layer: tf.layers.Layer): tf.LayersModel | undefined {
  if (layer instanceof tf.LayersModel) return layer;
  const wrapped = wrappedLayer(layer);
  return wrapped instanceof tf.LayersModel ? wrapped : undefined;
}

function layerNames(model: tf.LayersModel): string[] {
  return model.layers.flatMap((layer) => {
    const inner = modelIn(layer);
    return [layer.name, ...(inner === undefined ? [] : layerNames(inner))];
  });
}

/** Names of weights that follow from the name of their layer. */
function ownNames(layer: tf.layers.Layer, layerName: string): string[] {
  const own = layer.weights.filter((weight) =>
    weightName(layer, weight, layerName).startsWith(`${layerName}/`),
  );
  return own.map((weight) => weightName(layer, weight, layerName));
}

/** What a weight is called if its layer is built under `layerName`. */
function weightName(layer: tf.layers.Layer, weight: tf.LayerVariable, layerName: string): string {
  const { originalName } = weight;
  if (originalName.startsWith(`${layer.name}/`)) {
    return `${layerName}${originalName.slice(layer.name.length)}`;
  }
  // Its layer was renamed, or built by hand; when it is loaded it is built under its name.
  return isOwnVariable(layer, weight)
    ? `${layerName}/${originalName.split('/').at(-1)}`
    : originalName;
}

function referencesIn(
  config: LayerJson['config'] | undefined,
  layers: readonly LayerJson[],
): Reference[] {
  const inbound = layers.flatMap((layer) => layer.inbound_nodes?.flat() ?? []);
  return [...inbound, ...(config?.input_layers ?? []), ...(config?.output_layers ?? [])];
}
