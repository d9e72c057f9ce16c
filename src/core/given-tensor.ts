import type * as tf from '@tensorflow/tfjs';
import { formatValue } from './format.ts';

/** Refuses what is not a tensor, or is disposed. @internal */
export function checkGivenTensor(action: string, name: string, given: tf.Tensor): void {
  if (typeof (given as Partial<tf.Tensor> | null | undefined)?.data !== 'function') {
    throw new TypeError(`Cannot ${action}: ${name} must be a tensor, got ${formatValue(given)}`);
  }
  if (given.isDisposed) {
    throw new Error(`Cannot ${action}: ${name} must not be disposed, got a tensor that is`);
  }
}
