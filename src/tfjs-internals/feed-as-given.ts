import type * as tf from '@tensorflow/tfjs';

/**
 * Runs a model without casting the tensors of some inputs.
 *
 * TensorFlow.js casts the tensors that it feeds to a model to the dtype of the input, without an
 * option to disable it: class probabilities in place of labels would become zeros.
 *
 * @param inputs - The inputs without a cast.
 * @param run - Runs the model.
 * @returns What `run` returns.
 *
 * @internal
 */
export function feedAsGiven<T>(inputs: readonly tf.SymbolicTensor[], run: () => T): T {
  const typed = inputs as readonly { dtype: tf.DataType | null }[];
  const types = typed.map(({ dtype }) => dtype);
  try {
    // An input without a dtype is not cast.
    for (const input of typed) input.dtype = null;
    return run();
  } finally {
    typed.forEach((input, i) => {
      input.dtype = types[i]!;
    });
  }
}
