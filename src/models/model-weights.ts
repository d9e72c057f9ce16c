import type * as tf from '@tensorflow/tfjs';
import { overrideVariable, withVariablesHeld } from '../tfjs-internals/layer-variables.ts';
import { innermostLayers, type LayerPlace, layerPlaces, leafLayers } from './layers-model.ts';

/**
 * One weight of a model, with a key that is the same in each run of the program.
 *
 * @internal
 */
export class ModelWeight {
  /** `3.conv2D/kernel`: index of its layer in the model, kind of the layer, role of the weight. */
  readonly key: string;
  /** The layer part of the key, such as `3.conv2D`. */
  readonly layerKey: string;
  /** Its name in the layer, such as `kernel`. */
  readonly role: string;
  /** The layer that owns it; the first one if several share it. */
  readonly layer: tf.layers.Layer;
  /**
   * The layer that computes with it: if the layer is a wrapper such as timeDistributed, the inner
   * one.
   */
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
   * Whether the optimizer updates it now. Other weights are statistics, such as batch norm's, and
   * weights of frozen layers. Not cached, because layers may be frozen between two steps.
   */
  get trainable(): boolean {
    return this.#places.some(
      ({ models, layer }) =>
        models.every((model) => model.trainable) && layer.trainableWeights.includes(this.#variable),
    );
  }

  /** Whether its layer, or a model that contains it, has `trainable = false`. */
  get frozen(): boolean {
    return !this.#places.some(
      ({ models, layer }) => layer.trainable && models.every((model) => model.trainable),
    );
  }

  /** The current value; the caller must not dispose it. */
  read(): tf.Variable {
    const value: unknown = this.#variable.read();
    return value as tf.Variable;
  }

  /** Replaces the weight and applies its layer's constraint; the caller keeps owning the tensor. */
  write(value: tf.Tensor): void {
    this.#variable.write(value);
  }

  /** Restores an earlier value of the weight unchanged. */
  restore(value: tf.Tensor): void {
    this.read().assign(value);
  }

  /**
   * Lets the model compute with another tensor in place of the weight; gradients flow to the origin
   * of that tensor.
   *
   * @param value - The caller keeps owning it.
   * @returns A function that ends it: the model computes with the weight again.
   */
  override(value: tf.Tensor): () => void {
    return overrideVariable(this.#variable, value);
  }
}

/**
 * All weights of a model, in order.
 *
 * TensorFlow.js numbers the names of layers in order of creation in a process, so they differ
 * between runs; these keys use positions instead.
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
      // A layer that is used twice has its weights once.
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
 * The layers of a model, including those of nested models, with the prefixes of their weights'
 * keys, such as `3.conv2D`.
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
 * Runs a function and restores the model's statistics afterwards.
 *
 * Batch norm updates its statistics in every training pass; passes that are not part of the
 * network's own update must not.
 *
 * @internal
 */
export function withStatisticsHeld<T>(weights: readonly ModelWeight[], run: () => T): T {
  return withVariablesHeld(
    weights.filter((weight) => !weight.trainable),
    run,
  );
}
