import * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';
import type { NamedArray, NamedArrays } from '../core/named-arrays.ts';
import { keyedLayers, modelWeights } from '../models/model-weights.ts';
import type { Network, NetworkInput } from '../models/network.ts';
import { sourceOf } from '../tfjs-internals/layer-graph.ts';
import { activationOf } from './activation-of.ts';
import type { PortableLayer } from './portable-layer.ts';

/** What a layer makes or an input gives; told from others by identity. @internal */
export interface PortableValue {
  /** Without the batch, channels last. */
  readonly shape: readonly number[];
}

/** @internal */
export interface PortableInput {
  readonly name: string;
  readonly dtype: 'float32' | 'int32';
  readonly value: PortableValue;
}

/** One use of a layer. @internal */
export interface PortableNode {
  readonly layer: PortableLayer;
  readonly inputs: readonly PortableValue[];
  readonly output: PortableValue;
}

/** A network as a list of nodes, each after those it needs. @internal */
export interface PortableGraph {
  readonly inputs: readonly PortableInput[];
  readonly nodes: readonly PortableNode[];
  readonly outputs: readonly { readonly name: string; readonly value: PortableValue }[];
}

/**
 * A node that the walk puts behind an input for labels, `[batch]`, where a layer takes `[batch, 1]`
 * or numbers with a fraction, as Keras has labels.
 *
 * @internal
 */
export const labelColumn = 'LabelColumn';

/** Layers that do nothing when a network is used. @internal */
export const idleLayers: ReadonlySet<string> = new Set([
  ...['Dropout', 'SpatialDropout1D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'],
]);

/** Layers that end in an activation, which becomes a node of its own. */
const activatedLayers: ReadonlySet<string> = new Set([
  ...['Dense', 'Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'Conv2DTranspose'],
]);

/** Layers that take labels as they come, `[batch]`. */
const labelLayers: ReadonlySet<string> = new Set([
  'OneHot',
  'ConditionalBatchNorm',
  'ProjectionHead',
]);

/**
 * Walks over a network: models inside models are opened, layers that do nothing are left out,
 * activations of layers are nodes of their own, labels are `[batch]`.
 *
 * @param network - Checked by {@link checkNetwork}.
 * @param weights - Its weights by key.
 * @param custom - Kinds of layers that the caller writes, as they are.
 *
 * @internal
 */
export function portableGraph(
  network: Network,
  weights: NamedArrays,
  custom: ReadonlySet<string>,
): PortableGraph {
  const walk = new Walk(network.model, weights, custom);
  const { model } = network;
  const inputs = Object.entries(network.inputs).map(([name, input], i) =>
    walk.begin(name, input, model.inputs[i]!),
  );
  // In a file, names differ: a network that changes samples also takes them.
  const outputs = network.outputs.map((name, i) => ({
    name: name in network.inputs ? `new_${name}` : name,
    value: walk.valueOf(model.outputs[i]!),
  }));
  return { inputs, nodes: walk.nodes, outputs };
}

class Walk {
  readonly nodes: PortableNode[] = [];
  readonly #layers: ReadonlyMap<tf.layers.Layer, Pick<PortableLayer, 'key' | 'weights'>>;
  readonly #custom: ReadonlySet<string>;
  /** Values by tensor, for the model and for each use of one inside it. */
  #known = new Map<number, PortableValue>();
  /** Outputs of models inside the model, by model and use. */
  readonly #opened = new Map<tf.LayersModel, Map<number, readonly PortableValue[]>>();
  /** Inputs for labels, and what layers that do not know labels take in their place. */
  readonly #columns = new Map<PortableValue, () => PortableValue>();

  constructor(model: tf.LayersModel, weights: NamedArrays, custom: ReadonlySet<string>) {
    this.#custom = custom;
    this.#layers = layersOf(model, weights);
  }

  begin(name: string, input: NetworkInput, tensor: tf.SymbolicTensor): PortableInput {
    const shape = knownShape(`the input ${name}`, tensor);
    const isSingle = shape.length === 0 || (shape.length === 1 && shape[0] === 1);
    const isClass = input.kind === 'condition' && input.classes !== undefined;
    const isLabels = isSingle && (isClass || tensor.dtype === 'int32');
    const value: PortableValue = { shape: isLabels ? [] : shape };
    this.#known.set(tensor.id, value);
    if (isLabels) this.#columns.set(value, this.#columnOf(name, value, tensor));
    return { name, dtype: isLabels || tensor.dtype === 'int32' ? 'int32' : 'float32', value };
  }

  valueOf(tensor: tf.SymbolicTensor): PortableValue {
    const known = this.#known.get(tensor.id);
    if (known !== undefined) return known;
    const { layer, output, use, inputs } = sourceOf(tensor);
    const values = inputs.map((input) => this.valueOf(input));
    const value =
      layer instanceof tf.LayersModel
        ? this.#open(layer, use, values)[output]!
        : this.#use(layer, values, knownShape(`the layer '${layer.name}'`, tensor));
    this.#known.set(tensor.id, value);
    return value;
  }

  /** The outputs of a model inside the model, which may be used several times. */
  #open(
    model: tf.LayersModel,
    use: number,
    values: readonly PortableValue[],
  ): readonly PortableValue[] {
    const uses = this.#opened.get(model) ?? new Map<number, readonly PortableValue[]>();
    this.#opened.set(model, uses);
    const opened = uses.get(use);
    if (opened !== undefined) return opened;
    const outside = this.#known;
    this.#known = new Map(model.inputs.map(({ id }, i) => [id, values[i]!]));
    const outputs = model.outputs.map((tensor) => this.valueOf(tensor));
    this.#known = outside;
    uses.set(use, outputs);
    return outputs;
  }

  #use(
    layer: tf.layers.Layer,
    values: readonly PortableValue[],
    outputShape: readonly number[],
  ): PortableValue {
    const kind = layer.getClassName();
    const isCustom = this.#custom.has(kind);
    if (!isCustom && idleLayers.has(kind)) return values[0]!;
    const takesLabels = !isCustom && labelLayers.has(kind);
    const inputs = takesLabels
      ? values
      : values.map((value) => this.#columns.get(value)?.() ?? value);
    const { key, weights } = this.#layers.get(layer) ?? { key: layer.name, weights: {} };
    const config: PortableLayer['config'] = layer.getConfig();
    const { name } = layer;
    const made = this.#add({ kind, name, key, config, weights }, inputs, outputShape);
    const activation = activationOf(config);
    if (isCustom || !activatedLayers.has(kind) || activation === 'linear') return made;
    const after = { kind: 'Activation', name: `${name}_${activation}`, key, weights: {} };
    return this.#add({ ...after, config: { activation } }, [made], outputShape);
  }

  #add(
    layer: Omit<PortableLayer, 'inputShapes' | 'outputShape'>,
    inputs: readonly PortableValue[],
    outputShape: readonly number[],
  ): PortableValue {
    const output: PortableValue = { shape: outputShape };
    const inputShapes = inputs.map(({ shape }) => shape);
    this.nodes.push({ layer: { ...layer, inputShapes, outputShape }, inputs, output });
    return output;
  }

  /** Labels as `[batch, 1]` or as floats, made where they are first needed. */
  #columnOf(name: string, labels: PortableValue, tensor: tf.SymbolicTensor): () => PortableValue {
    let column: PortableValue | undefined;
    return () => {
      const { dtype } = tensor;
      const shape = tensor.shape.slice(1) as number[];
      const layer = { kind: labelColumn, name: `${name}_column`, key: name, weights: {} };
      column ??=
        dtype === 'int32' && shape.length === 0
          ? labels
          : this.#add({ ...layer, config: { dtype } }, [labels], shape);
      return column;
    };
  }
}

/** Keys and weights of layers; one that is used several times has those of its first place. */
function layersOf(
  model: tf.LayersModel,
  weights: NamedArrays,
): ReadonlyMap<tf.layers.Layer, Pick<PortableLayer, 'key' | 'weights'>> {
  const layers = new Map<tf.layers.Layer, { key: string; weights: Record<string, NamedArray> }>();
  for (const [key, layer] of keyedLayers(model)) {
    if (!layers.has(layer)) layers.set(layer, { key, weights: {} });
  }
  for (const { key, layerKey, layer } of modelWeights(model)) {
    layers.get(layer)!.weights[key.slice(layerKey.length + 1)] = weights[key]!;
  }
  return layers;
}

function knownShape(what: string, tensor: tf.SymbolicTensor): readonly number[] {
  const shape = tensor.shape.slice(1);
  if (shape.every((size) => typeof size === 'number')) return shape;
  throw new RangeError(
    `Cannot export the network: ${what} must have known sizes after the batch, got ${formatShape(tensor.shape)}. ` +
      'Create the model for one size',
  );
}
