import * as tf from '@tensorflow/tfjs';
import { DataFormatError } from '../../core/errors.ts';
import { formatShape } from '../../core/format.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import type { Hdf5Group } from './hdf5-file.ts';
import { type KerasPart, layersIn } from './keras-topology.ts';

/** An array of a file, with its name in it. */
interface StoredArray {
  /** `dense/kernel`; the arrays of a `.keras` file have numbers in place of names. */
  readonly name: string;
  readonly array: NamedArray;
}

/** A weight of a model, and the array that the file has for it. @internal */
export type PlacedWeights = ReadonlyMap<tf.LayerVariable, NamedArray>;

/**
 * Finds the arrays of a `.h5` file for the weights of a model: `layer_names`, and `weight_names` of
 * each layer, with those of nested models in one list.
 *
 * @param weights - The group `model_weights`.
 *
 * @internal
 */
export function placeLegacyWeights(
  model: tf.LayersModel,
  weights: Hdf5Group,
  file: string,
): PlacedWeights {
  const names = weights.texts('layer_names') ?? [];
  const placed = model.layers.flatMap((layer) => {
    if (layer.weights.length === 0) return [];
    const group = names.includes(layer.name) ? weights.group(layer.name) : undefined;
    const stored = (group?.texts('weight_names') ?? []).map((name): StoredArray => {
      const array = group!.floats(name);
      if (array !== undefined) return { name, array };
      throw refuse(file, `the weight '${name}' must be in it, got none`);
    });
    return place(layer, stored, file);
  });
  return new Map(placed);
}

/**
 * Finds the arrays of `model.weights.h5` of a `.keras` file for the weights of a model: each layer
 * is a group named after its class, numbered in the order of its model.
 *
 * @param part - The model as described in the file.
 * @param group - The group of the model.
 *
 * @internal
 */
export function placeWeights(
  model: tf.LayersModel,
  part: KerasPart,
  group: Hdf5Group | undefined,
  file: string,
): PlacedWeights {
  const counts = new Map<string, number>();
  const placed = new Map<tf.LayerVariable, NamedArray>();
  for (const child of layersIn(part) ?? []) {
    const isModel = layersIn(child) !== undefined;
    const isFunctional = child.config['input_layers'] !== undefined;
    const kind = isModel ? (isFunctional ? 'Functional' : 'Sequential') : child.class_name;
    const base = snakeCase(kind);
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    const layer = model.layers.find(({ name }) => name === child.config['name']);
    if (layer === undefined || layer.weights.length === 0) continue;
    const own = group?.group(`layers/${base}${count === 0 ? '' : `_${count}`}`);
    const inside =
      layer instanceof tf.LayersModel
        ? placeWeights(layer, child, own, file)
        : place(layer, own === undefined ? [] : storedIn(own), file);
    for (const [weight, array] of inside) placed.set(weight, array);
  }
  return placed;
}

/**
 * The arrays of a layer; those of a recurrent layer are its cell's, those of a wrapper its layer's.
 */
function storedIn(group: Hdf5Group): StoredArray[] {
  const own = group.group('vars');
  const names = [...(own?.names ?? [])].sort((a, b) => Number(a) - Number(b));
  const stored = names.flatMap((name): StoredArray[] => {
    const array = own!.floats(name);
    return array === undefined ? [] : [{ name, array }];
  });
  if (stored.length > 0) return stored;
  const inner = ['cell', 'layer'].flatMap((name) => group.group(name) ?? []);
  return inner.flatMap(storedIn);
}

/**
 * Pairs the weights of a layer with the arrays of a file: by name if each weight has one, otherwise
 * in order. Keras 3 orders those of a frozen model differently.
 */
function place(
  layer: tf.layers.Layer,
  stored: readonly StoredArray[],
  file: string,
): readonly (readonly [tf.LayerVariable, NamedArray])[] {
  const { weights } = layer;
  if (stored.length !== weights.length) {
    throw refuse(
      file,
      `the layer '${layer.name}' must come with ${weights.length} arrays, got ${stored.length}`,
    );
  }
  const named = weights.map((weight) => {
    const end = weight.originalName.split('/').slice(-2).join('/');
    return stored.filter(({ name }) => `/${name.replace(/:\d+$/, '')}`.endsWith(`/${end}`));
  });
  const areNamed =
    named.every(({ length }) => length === 1) && new Set(named.flat()).size === stored.length;
  return weights.map((weight, i) => {
    const { name, array } = areNamed ? named[i]![0]! : stored[i]!;
    if (String(array.shape) === String(weight.shape)) return [weight, array] as const;
    throw refuse(
      file,
      `the weight ${weight.originalName} of the layer '${layer.name}' must have the shape ${formatShape(weight.shape)}, ` +
        `got ${formatShape(array.shape)} ('${name}')`,
    );
  });
}

/** Keras' name for the group of a class: `Conv2DTranspose` becomes `conv2d_transpose`. */
function snakeCase(kind: string): string {
  return kind
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function refuse(file: string, fault: string): DataFormatError {
  return new DataFormatError('Keras', `Cannot read ${file}: ${fault}`);
}
