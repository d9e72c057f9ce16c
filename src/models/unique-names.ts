import * as tf from '@tensorflow/tfjs';
import { wrappedLayer } from '../tfjs-internals/held-layers.ts';
import { isOwnVariable } from '../tfjs-internals/layer-variables.ts';

/**
 * TensorFlow.js finds the weights of a saved model by name. Layers in different nested models may
 * have equal names, and so do the weights of a layer that is used twice; TensorFlow.js saves such
 * models, but cannot load them.
 */

/** A layer in the output of `model.toJSON`. */
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

/** The name of a layer comes first. */
type Reference = [name: string, ...rest: unknown[]];

/**
 * Gives the layers and weights of a saved model unique names, if they are not. The live model keeps
 * its own.
 *
 * @param model - The saved model.
 * @param weights - `model.weights` at the time of reading.
 * @param artifacts - What TensorFlow.js saves; its topology is modified.
 * @returns The artifacts with unique names.
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
 * Gives the weights of a newly built model the names under which {@link uniquelyNamed} or
 * TensorFlow.js saved them.
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

/** Finds and reserves an unused name. */
function claim(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 1; taken.has(name); i += 1) name = `${wanted}_${i}`;
  taken.add(name);
  return name;
}

class Names {
  /** The names of each weight, one for each occurrence in the model. */
  readonly ofWeight = new Map<tf.LayerVariable, string[]>();
  readonly #takenWeights = new Set<string>();
  readonly #takenLayers: Set<string>;

  constructor(layers: Iterable<string>) {
    this.#takenLayers = new Set(layers);
  }

  /** Renames the layers of a model, in `json` as well. */
  visit(model: tf.LayersModel, json: LayerJson | undefined): void {
    const config = json?.config;
    // A custom model may describe itself in another way.
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

  /**
   * The layer's own name, with a number if a weight or a sibling would otherwise have a name that
   * is in use.
   */
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

/** The model that a layer is or wraps. */
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

/** Names of weights that include the name of their layer. */
function ownNames(layer: tf.layers.Layer, layerName: string): string[] {
  const own = layer.weights.filter((weight) =>
    weightName(layer, weight, layerName).startsWith(`${layerName}/`),
  );
  return own.map((weight) => weightName(layer, weight, layerName));
}

/** The name of a weight if its layer is built under `layerName`. */
function weightName(layer: tf.layers.Layer, weight: tf.LayerVariable, layerName: string): string {
  const { originalName } = weight;
  if (originalName.startsWith(`${layer.name}/`)) {
    return `${layerName}${originalName.slice(layer.name.length)}`;
  }
  // Its layer was renamed or built manually; loading builds it under its name.
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
