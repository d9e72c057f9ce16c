import type * as tf from '@tensorflow/tfjs';

/**
 * Runs a model while some of its inputs take tensors of any type as they are.
 *
 * TensorFlow.js casts what it feeds a model to the type of the input, and has no way to leave that out: a share of each
 * class, given in place of labels, would become zeros.
 *
 * @param inputs - Those that are not cast to.
 * @param run - Runs the model.
 * @returns What `run` returns.
 *
 * @internal
 */
export function feedAsGiven<T>(inputs: readonly tf.SymbolicTensor[], run: () => T): T {
  const typed = inputs as readonly { dtype: tf.DataType | null }[];
  const types = typed.map(({ dtype }) => dtype);
  try {
    // An input of no type is not cast to.
    for (const input of typed) input.dtype = null;
    return run();
  } finally {
    typed.forEach((input, i) => {
      input.dtype = types[i]!;
    });
  }
}
