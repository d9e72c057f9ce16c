import * as tf from '@tensorflow/tfjs';

/**
 * Another tensor of the same values, like `clone()`, without an operation: TensorFlow.js counts
 * references to values but has no public function for it.
 *
 * @param tensor - A tensor or a variable.
 * @returns The caller owns it. It is not on the tape: no gradient flows through it.
 *
 * @internal
 */
export function handleOf(tensor: tf.TensorInfo): tf.Tensor {
  const engine = tf.engine();
  engine.backend.incRef(tensor.dataId);
  return engine.makeTensorFromTensorInfo(tensor);
}
