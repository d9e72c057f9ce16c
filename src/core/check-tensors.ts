import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from './format.ts';

/**
 * Checks of what custom parts return in a step. Errors have the form
 * `Cannot train: <function of which part> must return <what> as <expected>, got <actual>`.
 */

/** @internal */
export function checkTensor(
  from: string,
  what: string,
  got: unknown,
  shape: readonly number[],
): tf.Tensor {
  const tensor = got instanceof tf.Tensor ? (got as tf.Tensor) : undefined;
  const kind = (dtype: string, of: readonly number[]): string =>
    `a ${dtype} tensor of shape ${formatShape(of)}`;
  const wanted = kind('float32', shape);
  let came = formatValue(got);
  if (tensor !== undefined) {
    came = tensor.isDisposed ? 'one that was disposed' : kind(tensor.dtype, tensor.shape);
    if (came === wanted) return tensor;
  }
  const Kind = tensor === undefined ? TypeError : RangeError;
  throw new Kind(`Cannot train: ${from} must return ${what} as ${wanted}, got ${came}`);
}

/** As many tensors as there are shapes, in their order. @internal */
export function checkTensors(
  from: string,
  what: string,
  got: unknown,
  shapes: readonly (readonly number[])[],
): readonly tf.Tensor[] {
  if (!Array.isArray(got) || got.length !== shapes.length) {
    const came = Array.isArray(got) ? `a list of ${got.length}` : formatValue(got);
    throw new TypeError(
      `Cannot train: ${from} must return ${what} as a list of ${shapes.length} tensors, got ${came}`,
    );
  }
  return shapes.map((shape, i) => checkTensor(from, `${what}[${i}]`, got[i], shape));
}
