import * as tf from '@tensorflow/tfjs';
import { isStockModel } from '../tfjs-internals/layer-classes.ts';
import { sourceOf } from '../tfjs-internals/layer-graph.ts';

/** Settings of the call of a layer. */
type Settings = Parameters<tf.layers.Layer['call']>[1];

/**
 * One use of a layer in a pass of its model. Tensors are numbered, those of the model's inputs
 * first.
 *
 * @internal
 */
export interface NetworkStep {
  readonly layer: tf.layers.Layer;
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** The shape of its first output. */
  readonly shape: tf.Shape;
  /** Whether its output may have a mask. */
  readonly hasMask: boolean;
  readonly run: (inputs: tf.Tensor[], settings: Settings) => tf.Tensor | tf.Tensor[];
}

/** The layers of a model, also those of nested models, in the order of a pass. @internal */
export interface NetworkSteps {
  readonly steps: readonly NetworkStep[];
  /** The numbers of the outputs. */
  readonly outputs: readonly number[];
}

/** Sorts the layers of a model. One of a derived class is a single step. @internal */
export function networkSteps(model: tf.LayersModel): NetworkSteps {
  const steps: NetworkStep[] = [];
  let count = model.inputs.length;
  const add = (
    layer: tf.layers.Layer,
    from: readonly number[],
    outputs: readonly tf.SymbolicTensor[],
  ): readonly number[] => {
    const to = outputs.map(() => count++);
    // Not `call`: a recurrent layer separates its first state from its input in `apply`.
    const run: NetworkStep['run'] = (given, settings) =>
      layer.apply(given, settings) as tf.Tensor | tf.Tensor[];
    const hasMask = layer.supportsMasking;
    steps.push({ layer, from, to, shape: outputs[0]!.shape, hasMask, run });
    return to;
  };
  const numbersOf = (part: tf.LayersModel, inputs: readonly number[]): readonly number[] => {
    if (!isStockModel(part)) return add(part, inputs, part.outputs);
    const numbers = new Map(part.inputs.map(({ id }, i) => [id, inputs[i]!]));
    const numberOf = (tensor: tf.SymbolicTensor): number => {
      const known = numbers.get(tensor.id);
      if (known !== undefined) return known;
      const { layer, inputs: sources, outputs } = sourceOf(tensor);
      const from = sources.map(numberOf);
      const to =
        layer instanceof tf.LayersModel ? numbersOf(layer, from) : add(layer, from, outputs);
      outputs.forEach(({ id }, i) => numbers.set(id, to[i]!));
      return numbers.get(tensor.id)!;
    };
    return part.outputs.map(numberOf);
  };
  const outputs = numbersOf(
    model,
    model.inputs.map((_, i) => i),
  );
  return { steps, outputs };
}

/**
 * Runs a pass in inference mode, as `model.apply` does. Each tensor is freed
 * after its last use.
 *
 * @param inputs - One for each input of the model; the caller keeps owning them.
 * @returns The outputs.
 *
 * @internal
 */
export function runSteps(
  { steps, outputs }: NetworkSteps,
  inputs: readonly tf.Tensor[],
): readonly tf.Tensor[] {
  const values: (tf.Tensor | undefined)[] = [...inputs];
  const masks: (tf.Tensor | null)[] = [];
  const settings: Settings = { training: false };
  const last = new Map(steps.flatMap(({ from }, i) => from.map((number) => [number, i])));
  const kept = new Set([...inputs.keys(), ...outputs]);
  for (const [i, { layer, from, to, hasMask, run }] of steps.entries()) {
    const given = from.map((number) => values[number]!);
    const masked = from.map((number) => masks[number] ?? null) as tf.Tensor[];
    // As in TensorFlow.js, the layers after it receive it too.
    if (masked.some(Boolean)) settings['mask'] = masked[0]!;
    const results = [run(given, settings)].flat();
    const mask = hasMask ? [layer.computeMask(given, masked)].flat()[0] : undefined;
    to.forEach((number, at) => {
      values[number] = results[at];
      masks[number] = mask ?? null;
      // It may be the state of the layer.
      if (layer.stateful) kept.add(number);
    });
    for (const number of new Set(from)) {
      if (last.get(number) !== i || kept.has(number)) continue;
      const value = values[number]!;
      values[number] = undefined;
      // A layer may return its input.
      if (!values.includes(value)) value.dispose();
    }
  }
  return outputs.map((number) => {
    const value = values[number]!;
    return inputs.includes(value) ? value.clone() : value;
  });
}
