import * as tf from '@tensorflow/tfjs';

/**
 * Maps the gradient of an operation's output, and the output itself, to the gradients of its
 * inputs.
 *
 * @internal
 */
export type OutputGradient = (dy: tf.Tensor, output: tf.Tensor) => tf.Tensor[];

/**
 * An operation's saved output, linked again to the inputs it was computed from.
 *
 * tfjs records the copy that it saves before it records the operation, so a second backward pass
 * finds no path from the copy to the inputs and silently omits how the output depends on them. The
 * link restores that path without any computation.
 *
 * @param inputs - The inputs; only their identity is used, so they may be disposed.
 * @param output - The copy that was saved.
 * @param gradient - The operation's gradient, of any order.
 * @see {@link https://github.com/tensorflow/tfjs/issues/3252}
 * @internal
 */
export function linkedOutput(
  inputs: readonly tf.Tensor[],
  output: tf.Tensor,
  gradient: OutputGradient,
): tf.Tensor {
  return tf.customGrad(() => ({
    value: tf.clone(output),
    gradFunc: (dy) => gradient(dy, linkedOutput(inputs, output, gradient)),
  }))(...inputs);
}

/**
 * A saved copy, linked to the tensor that it is a copy of; only the identity of that tensor is
 * used, so it may be disposed.
 *
 * @internal
 */
export function linkedCopy(copy: tf.Tensor, of: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.customGrad(() => ({ value: tf.clone(copy), gradFunc: (dy) => dy }))(of));
}

/**
 * Fixes the registered gradient of a kernel that saves its output: the same gradient, with its
 * output linked.
 *
 * @param kernelName - A kernel with one output.
 * @param inputNames - All its inputs.
 * @param registered - The gradient, if it is not the one of tfjs.
 * @internal
 */
export function linkSavedOutput(
  kernelName: string,
  inputNames: readonly string[],
  registered: tf.GradConfig = tf.getGradient(kernelName),
): tf.GradConfig {
  const { gradFunc, inputsToSave = [] } = registered;
  return {
    kernelName,
    inputsToSave: [...inputNames],
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => {
      const inputs = saved.slice(0, inputNames.length);
      const output = saved[inputNames.length]!;
      const gradient: typeof gradFunc = (dz, [value], attrs) =>
        gradFunc(
          dz,
          [...inputsToSave.map((name) => inputs[inputNames.indexOf(name)]!), value!],
          attrs,
        );
      const linked = linkedOutput(inputs, output, (dz, value) => {
        const gradients = gradient(dz, [value], attributes);
        return inputNames.map((name) => gradients[name]!());
      });
      return gradient(dy, [linked], attributes);
    },
  };
}
