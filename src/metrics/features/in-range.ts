import * as tf from '@tensorflow/tfjs';
import { linearMap, type ValueRange } from '../../core/value-range.ts';

/**
 * Samples of one range of values in another one, if both are known; otherwise the samples
 * themselves.
 *
 * @internal
 */
export function inRange(
  samples: tf.Tensor,
  from: ValueRange | undefined,
  to: ValueRange | undefined,
): tf.Tensor {
  if (from === undefined || to === undefined) return samples;
  if (from[0] === to[0] && from[1] === to[1]) return samples;
  const map = linearMap(from, to);
  return tf.add(tf.mul(samples, map(1) - map(0)), map(0));
}
