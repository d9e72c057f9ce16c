import * as tf from '@tensorflow/tfjs';
import { overrideVariable } from '../tfjs-internals/layer-variables.ts';
import { innermostLayers, type LayerPlace, layerPlaces, leafLayers } from './layers-model.ts';

/**
 * One weight of a model under a name that the same program gives it each time it runs.
 *
 * @internal
 */
export class ModelWeight {
  /** `3.conv2D/kernel`: the place of its layer in the model, the kind of layer, the role of the weight. */
  readonly key: string;
  /** The part of the key that stands for the layer, such as `3.conv2D`. */
  readonly layerKey: string;
  /** What its layer calls it, such as `kernel`. */
  readonly role: string;
  /** The layer it is a weight of; of layers that share it, the first. */
  readonly layer: tf.layers.Layer;
  /** The layer that computes with it: where that is a wrapper such as timeDistributed, the one inside. */
  readonly owner: tf.layers.Layer;
  readonly #variable: tf.LayerVariable;
  readonly #places: readonly LayerPlace[];

  constructor(
    key: string,
    variable: tf.LayerVariable,
    place: Pick<ModelWeight, 'layerKey' | 'role' | 'layer'> & { places: readonly LayerPlace[] },
  ) {
    this.key = key;
    this.layerKey = place.layerKey;
    this.role = place.role;
    this.#places = place.places;
    this.layer = place.layer;
    const inside = innermostLayers(place.layer);
    this.owner = inside.find(({ weights }) => weights.includes(variable)) ?? place.layer;
    this.#variable = variable;
  }

  /**
   * Whether the optimizer moves it now. The others are statistics, such as batch norm's, and weights of frozen layers.
   * It is asked anew each time, as layers may be frozen between two steps.
   */
  get trainable(): boolean {
    return this.#places.some(
      ({ models, layer }) =>
        models.every((model) => model.trainable) && layer.trainableWeights.includes(this.#variable),
    );
  }

  /** Whether its layer, or a model around it, is set to `trainable = false`. */
  get frozen(): boolean {
    return !this.#places.some(
      ({ models, layer }) => layer.trainable && models.every((model) => model.trainable),
    );
  }

  /** The weight as it stands; not the caller's to dispose. */
  read(): tf.Variable {
    const value: unknown = this.#variable.read();
    return value as tf.Variable;
  }

  /** Replaces the weight, under the constraint its layer gave it; the tensor stays the caller's. */
  write(value: tf.Tensor): void {
    this.#variable.write(value);
  }

  /** Puts back a value that the weight had before, as it was. */
  restore(value: tf.Tensor): void {
    this.read().assign(value);
  }

  /**
   * Lets the model compute with another tensor in the weight's place; gradients go where that tensor came from.
   *
   * @param value - It stays the caller's.
   * @returns Ends it: the model computes with the weight again.
   */
  override(value: tf.Tensor): () => void {
    return overrideVariable(this.#variable, value);
  }
}

/**
 * Every weight of a model, in order.
 *
 * TensorFlow.js numbers the names of layers as a process makes them, so they differ from one run to the next; these
 * keys go by place instead.
 *
 * @internal
 */
export function modelWeights(model: tf.LayersModel): readonly ModelWeight[] {
  const places = layerPlaces(model);
  const seen = new Set<tf.LayerVariable>();
  const weights: ModelWeight[] = [];
  for (const [layerKey, layer] of keyedLayers(model)) {
    const roles = new Map<string, number>();
    for (const variable of layer.weights) {
      // A layer used twice holds its weights once.
      if (seen.has(variable)) continue;
      seen.add(variable);
      const role = variable.originalName.split('/').at(-1) ?? 'weight';
      const count = (roles.get(role) ?? 0) + 1;
      roles.set(role, count);
      const suffix = count === 1 ? '' : `_${count}`;
      const key = `${layerKey}/${role}${suffix}`;
      weights.push(
        new ModelWeight(key, variable, {
          layerKey,
          role,
          layer,
          places: places.filter((place) => place.layer.weights.includes(variable)),
        }),
      );
    }
  }
  return weights;
}

/**
 * The layers of a model, those of models inside it included, under the names that their weights' keys begin with, such
 * as `3.conv2D`.
 *
 * @internal
 */
export function keyedLayers(
  model: tf.LayersModel,
): readonly (readonly [key: string, layer: tf.layers.Layer])[] {
  return leafLayers(model).map((layer, place) => [`${place}.${layerKind(layer)}`, layer] as const);
}

function layerKind(layer: tf.layers.Layer): string {
  const name = layer.getClassName();
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/**
 * Runs a function and puts the model's statistics back to what they were before it.
 *
 * Batch norm moves its statistics on every pass in training mode; a pass that is not the network's own update must not.
 *
 * @internal
 */
export function withStatisticsHeld<T>(weights: readonly ModelWeight[], run: () => T): T {
  const statistics = weights.filter((weight) => !weight.trainable);
  const before = statistics.map((weight) => weight.read().clone());
  try {
    return run();
  } finally {
    statistics.forEach((weight, index) => weight.restore(before[index] as tf.Tensor));
    tf.dispose(before);
  }
}
