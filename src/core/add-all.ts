import * as tf from '@tensorflow/tfjs';

/** With the result these are eight buffers, all that a program on WebGPU is promised. */
const mostAtOnce = 7;

/**
 * The sum of any number of tensors of one shape, added up in their order.
 *
 * `tf.addN` binds a buffer for each; with more than seven, WebGPU refuses its program and leaves the result arbitrary.
 *
 * @internal
 */
export function addAll(tensors: readonly tf.Tensor[]): tf.Tensor {
  const [first = [], ...rest] = inGroups(tensors);
  return rest.reduce((sum, group) => tf.addN([sum, ...group]), tf.addN(first));
}

/** The first as long as may be, the others one shorter: the sum so far comes before them. */
function inGroups(tensors: readonly tf.Tensor[]): tf.Tensor[][] {
  const groups = [tensors.slice(0, mostAtOnce)];
  for (let at = mostAtOnce; at < tensors.length; at += mostAtOnce - 1) {
    groups.push(tensors.slice(at, at + mostAtOnce - 1));
  }
  return groups;
}
