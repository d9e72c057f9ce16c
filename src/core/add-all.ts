import * as tf from '@tensorflow/tfjs';

/** With the result these are eight buffers, the minimum that WebGPU guarantees to a program. */
const mostAtOnce = 7;

/**
 * The sum of any number of tensors of one shape, added in order.
 *
 * `tf.addN` binds a buffer for each; with more than seven, WebGPU rejects the program and the
 * result is arbitrary.
 *
 * @internal
 */
export function addAll(tensors: readonly tf.Tensor[]): tf.Tensor {
  const [first = [], ...rest] = inGroups(tensors);
  return rest.reduce((sum, group) => tf.addN([sum, ...group]), tf.addN(first));
}

/**
 * The first group is as long as possible; the others have one less, because they include the sum so
 * far.
 */
function inGroups(tensors: readonly tf.Tensor[]): tf.Tensor[][] {
  const groups = [tensors.slice(0, mostAtOnce)];
  for (let at = mostAtOnce; at < tensors.length; at += mostAtOnce - 1) {
    groups.push(tensors.slice(at, at + mostAtOnce - 1));
  }
  return groups;
}
