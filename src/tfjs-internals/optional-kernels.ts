import * as tf from '@tensorflow/tfjs';

/**
 * A transposed convolution with its bias and activation, of a backend that has one kernel for all
 * three; TensorFlow.js has no such operation.
 *
 * Inputs `x`, `filter` and `bias`, attributes as for `Conv2DBackpropInput` and `FusedConv2D`.
 *
 * @internal
 */
export const fusedConv2DTranspose = 'FusedConv2DTranspose';

/**
 * A copy of a tensor `x` that many later operations read: the backend may store what it computes
 * from the values alone, such as packed weights, as long as the copy exists.
 *
 * @internal
 */
export const reusedTensor = 'ReusedTensor';

/**
 * The Euclidean norm of all values of all its inputs together, a scalar. The inputs are a list.
 *
 * @internal
 */
export const globalNorm = 'GlobalNorm';

/**
 * Runs a kernel that only some backends have.
 *
 * @returns Its result; `undefined` if the current backend does not have it.
 *
 * @internal
 */
export function runOptionalKernel(
  name: string,
  inputs: tf.NamedTensorMap,
  attributes?: tf.NamedAttrMap,
): tf.Tensor | undefined {
  const kernel = tf.getKernel(name, tf.getBackend()) as tf.KernelConfig | undefined;
  return kernel && tf.engine().runKernel<tf.Tensor>(name, inputs, attributes);
}
