import type * as tf from '@tensorflow/tfjs';

/**
 * Lets layers compute with another tensor in the place of a weight; gradients go where that tensor came from.
 *
 * A layer reads its weights by `read()`, which returns the field `val`; TensorFlow.js calls it protected.
 *
 * @param value - It stays the caller's.
 * @returns Ends it: layers compute with the weight again.
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

/** Runs a function while layers compute with other tensors in the place of weights. @internal */
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

/** What a weight holds, disposed or not; `read()` refuses a disposed one. @internal */
export function heldValue(variable: tf.LayerVariable): tf.Tensor {
  return (variable as unknown as { readonly val: tf.Tensor }).val;
}

/**
 * Whether a weight is of the layer itself, and not of a layer inside it.
 *
 * `addWeight` puts its own into two lists; the public `weights` holds those of layers inside as well.
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
