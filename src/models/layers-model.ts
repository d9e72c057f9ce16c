import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';
import { heldLayers, wrappedLayer } from '../tfjs-internals/held-layers.ts';
import { sourceOf } from '../tfjs-internals/layer-graph.ts';
import { heldValue } from '../tfjs-internals/layer-variables.ts';
import { isReleased } from '../tfjs-internals/released-model.ts';
import { isRegistered } from '../tfjs-internals/variable-registry.ts';

/**
 * Refuses values that are not a `tf.LayersModel` of this copy of TensorFlow.js with one input and
 * one output.
 *
 * @param names - Whether the caller names the inputs or outputs.
 *
 * @internal
 */
export function checkLayersModel(
  action: string,
  model: tf.LayersModel,
  names: { readonly manyInputs?: boolean; readonly manyOutputs?: boolean } = {},
): void {
  if (!(model instanceof tf.LayersModel)) throw new TypeError(wrongModel(action, model));
  // An empty tf.sequential() has empty lists, whatever its type says.
  if (model.layers.length === 0) {
    throw new RangeError(`Cannot ${action}: model must have layers, got an empty one`);
  }
  const { manyInputs = false, manyOutputs = false } = names;
  const isOne = [
    manyInputs || model.inputs.length === 1,
    manyOutputs || model.outputs.length === 1,
  ];
  if (isOne.includes(false)) {
    throw new RangeError(
      `Cannot ${action}: model must have one input and one output, ` +
        `got ${model.inputs.length} and ${model.outputs.length}. If it has more, name them: inputs: { … }`,
    );
  }
  checkModelAlive(action, 'model', model);
}

function wrongModel(action: string, model: unknown): string {
  const candidate = model as { layers?: unknown; predict?: unknown } | null | undefined;
  if (Array.isArray(candidate?.layers) && typeof candidate.predict === 'function') {
    return (
      `Cannot ${action}: model must come from the same copy of TensorFlow.js as this library, ` +
      'got one from another copy. Install @tensorflow/tfjs once (npm ls @tensorflow/tfjs shows the copies; ' +
      'npm dedupe, or resolve.dedupe in Vite, removes the second)'
    );
  }
  return `Cannot ${action}: model must be a tf.LayersModel, got ${formatValue(model)}`;
}

/** Shape of one input sample, without the batch. @internal */
export function inputSampleShape(
  action: string,
  model: tf.LayersModel,
  place = 0,
): readonly number[] {
  return sampleShape(action, 'input', model.inputs[place]?.shape ?? []);
}

/**
 * Runs a model on a tensor for each of its inputs. Labels `[batch]` are accepted for an input
 * `[batch, 1]`, the form of Keras models.
 *
 * @returns The outputs in the model's order.
 *
 * @internal
 */
export function applyModel(
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
  options: { readonly training: boolean },
): readonly tf.Tensor[] {
  const given = inputs.map((tensor, i) => columnFor(model.inputs[i]!, tensor));
  const [only] = given;
  const passed = given.length === 1 && only !== undefined ? only : given;
  return [model.apply(passed, options) as tf.Tensor | tf.Tensor[]].flat();
}

/** Labels `[batch]` as `[batch, 1]` if the input of the model has that rank. @internal */
export function columnFor({ shape }: tf.SymbolicTensor, tensor: tf.Tensor): tf.Tensor {
  return tensor.rank === 1 && shape.length === 2 ? tf.expandDims(tensor, 1) : tensor;
}

/** Shape of one output sample, without the batch. @internal */
export function outputSampleShape(
  action: string,
  model: tf.LayersModel,
  place = 0,
): readonly number[] {
  return sampleShape(action, 'output', model.outputs[place]?.shape ?? []);
}

function sampleShape(action: string, end: string, shape: readonly (number | null)[]): number[] {
  const sample = shape.slice(1);
  if (sample.every((size) => typeof size === 'number')) return sample;
  throw new RangeError(
    `Cannot ${action}: the model's ${end} must have known sizes after the batch, got ${formatShape(shape)}`,
  );
}

/**
 * The layers with weights, including those of nested models, in order.
 *
 * @internal
 */
export function leafLayers(model: tf.LayersModel): tf.layers.Layer[] {
  return layerPlaces(model).map(({ layer }) => layer);
}

/** A layer and the models that contain it. @internal */
export interface LayerPlace {
  readonly layer: tf.layers.Layer;
  /** From the outermost one. */
  readonly models: readonly tf.LayersModel[];
}

/**
 * The position of each of {@link leafLayers}, in the same order; a layer that is used twice has
 * two.
 *
 * @internal
 */
export function layerPlaces(
  model: tf.LayersModel,
  outside: readonly tf.LayersModel[] = [],
): LayerPlace[] {
  const models = [...outside, model];
  return model.layers.flatMap((layer) =>
    layer instanceof tf.LayersModel ? layerPlaces(layer, models) : [{ layer, models }],
  );
}

/**
 * The layers that compute: also those inside wrappers such as timeDistributed and bidirectional,
 * and inside models in these.
 *
 * @internal
 */
export function innermostLayers(layer: tf.layers.Layer): tf.layers.Layer[] {
  const inside = heldLayers(layer);
  return inside.length === 0 ? [layer] : inside.flatMap(innermostLayers);
}

/**
 * Layers that change the shape of values, or drop or average some: probabilities stay
 * probabilities.
 */
const passiveLayers: readonly string[] = [
  ...['Reshape', 'Flatten', 'Permute', 'Cropping2D', 'RepeatVector', 'Masking'],
  ...['Dropout', 'SpatialDropout1D', 'GaussianDropout', 'GaussianNoise', 'AlphaDropout'],
  ...[
    'GlobalAveragePooling1D',
    'GlobalAveragePooling2D',
    'GlobalMaxPooling1D',
    'GlobalMaxPooling2D',
  ],
  ...['AveragePooling1D', 'AveragePooling2D', 'MaxPooling1D', 'MaxPooling2D'],
];

/**
 * The last activation of an output of the model, such as `tanh`, or `linear`.
 *
 * @param place - Index of the output.
 *
 * @internal
 */
export function outputActivation(model: tf.LayersModel, place = 0): string {
  const last =
    model.outputs.length === 1
      ? leafLayers(model)
          .filter((layer) => !passiveLayers.includes(layer.getClassName()))
          .at(-1)
      : activeSource(model.outputs[place]!);
  if (last === undefined) return 'linear';
  const wrapped = wrappedLayer(last);
  const layer = last.getClassName() === 'TimeDistributed' && wrapped !== undefined ? wrapped : last;
  const own = { Softmax: 'softmax', ReLU: 'relu' }[layer.getClassName()];
  if (own !== undefined) return own;
  const { activation } = layer.getConfig();
  if (typeof activation === 'string') return activation;
  return (activation as { className?: string } | null | undefined)?.className ?? 'linear';
}

/** The layer that computed a tensor, before those that only rearrange it. */
function activeSource(tensor: tf.SymbolicTensor): tf.layers.Layer {
  const { layer, output, inputs } = sourceOf(tensor);
  const [input] = inputs;
  // The output of a nested model comes from that model's last layer.
  if (layer instanceof tf.LayersModel) {
    const inside = layer.outputs[output];
    if (inside !== undefined) return activeSource(inside);
  }
  const isPassive = passiveLayers.includes(layer.getClassName());
  return isPassive && input !== undefined ? activeSource(input) : layer;
}

/** Whether the model's weights were disposed. @internal */
export function isModelDisposed(model: tf.LayersModel): boolean {
  return disposingCall(model) !== undefined;
}

/**
 * Refuses a network whose weights were disposed, and names the call that did it.
 *
 * @param name - Name of the network in the message, such as `the Generator`.
 *
 * @internal
 */
export function checkModelAlive(action: string, name: string, model: tf.LayersModel): void {
  const call = disposingCall(model);
  if (call === undefined) return;
  throw new Error(
    `Cannot ${action}: ${name} was disposed: ${call} freed its weights. Create or load the network again; ` +
      'to free only what one run created, call dispose() of its Gan, networks and trainer',
  );
}

/** Frees what is left of a partly disposed model. @internal */
export function disposeModel(model: tf.LayersModel): void {
  // Layers that it shares with another model belong to that one now.
  if (isReleased(model)) return;
  if (!isModelDisposed(model)) model.dispose();
  else for (const variable of variablesOf(model)) if (isAlive(variable)) variable.dispose();
}

/** The call that freed weights of the model; undefined if none was freed. */
function disposingCall(model: tf.LayersModel): string | undefined {
  if (isReleased(model)) return 'model.dispose()';
  const gone = variablesOf(model).filter((variable) => !isAlive(variable));
  if (gone.length === 0) return undefined;
  // It frees the data without marking the variable.
  if (gone.some(({ isDisposed }) => !isDisposed)) return 'tf.disposeVariables()';
  return 'tf.engine().reset() or dispose() of a layer or weight';
}

/** Asks the engine, because weight averages may keep the data of a disposed variable alive. */
function isAlive(weight: tf.Tensor): boolean {
  // A tensor may currently replace the variable.
  if (!(weight instanceof tf.Variable)) return !weight.isDisposed;
  return isRegistered(weight as tf.Variable);
}

/** The weights, including disposed ones, which `read()` refuses. */
function variablesOf(model: tf.LayersModel): tf.Tensor[] {
  return model.weights.map(heldValue);
}
