import * as tf from '@tensorflow/tfjs';
import { handleOf } from './tensor-handle.ts';

/**
 * Lets layers compute with another tensor in place of a weight; gradients flow to the origin of
 * that tensor.
 *
 * A layer reads its weights with `read()`, which returns the field `val`; it is protected in
 * TensorFlow.js.
 *
 * @param value - The caller keeps owning it.
 * @returns A function that ends it: layers compute with the weight again.
 *
 * @internal
 */
export function overrideVariable(variable: tf.LayerVariable, value: tf.Tensor): () => void {
  const holder = variable as unknown as { val: tf.Tensor };
  const own = holder.val;
  holder.val = value;
  return () => {
    holder.val = own;
  };
}

/** Runs a function during which layers compute with other tensors in place of weights. @internal */
export function withVariables<T>(
  variables: readonly tf.LayerVariable[],
  values: readonly tf.Tensor[],
  run: () => T,
): T {
  const giveBack = variables.map((variable, i) => overrideVariable(variable, values[i]!));
  try {
    return run();
  } finally {
    for (const back of giveBack) back();
  }
}

/** Runs a function, and gives weights the values that they had before. @internal */
export function withVariablesHeld<T>(variables: readonly { read(): tf.Tensor }[], run: () => T): T {
  const before = variables.map((variable) => handleOf(variable.read()));
  try {
    return run();
  } finally {
    variables.forEach((variable, i) => {
      // Without the constraint that write() applies.
      (variable.read() as unknown as Pick<tf.Variable, 'assign'>).assign(before[i]!);
    });
    tf.dispose(before);
  }
}

/** The tensor of a weight, disposed or not; `read()` refuses a disposed one. @internal */
export function heldValue(variable: tf.LayerVariable): tf.Tensor {
  return (variable as unknown as { readonly val: tf.Tensor }).val;
}

/**
 * Whether a weight belongs to the layer itself, not to a layer inside it.
 *
 * `addWeight` adds own weights to two lists; the public `weights` also has those of layers inside.
 *
 * @internal
 */
export function isOwnVariable(layer: tf.layers.Layer, variable: tf.LayerVariable): boolean {
  const { _trainableWeights, _nonTrainableWeights } = layer as unknown as {
    readonly _trainableWeights: readonly tf.LayerVariable[];
    readonly _nonTrainableWeights: readonly tf.LayerVariable[];
  };
  return _trainableWeights.includes(variable) || _nonTrainableWeights.includes(variable);
}
