import * as tf from '@tensorflow/tfjs';
import { formatShape } from './format.ts';

/**
 * Values of one tensor, independent of any backend.
 *
 * @example The shape of a layer's weights and their range
 * ```ts
 * const { networks } = await trainer.snapshot();
 * const { shape, values } = networks.generator['0.dense/kernel'] as NamedArray;
 * console.log(shape, Math.max(...values.map(Math.abs)) < 0.1); // [ 8, 64 ] true
 * ```
 */
export interface NamedArray {
  /** Shape of the tensor. */
  readonly shape: readonly number[];
  /** Its values, in row-major order. */
  readonly values: Float32Array;
}

/**
 * Tensors as plain arrays, by name.
 *
 * @example Write the generator's weights to a file that PyTorch can read
 * ```ts
 * const { networks } = await trainer.snapshot();
 * const weights: NamedArrays = networks.generator;
 * const bytes = encodeSafetensors(weights);
 * console.log(Object.keys(decodeSafetensors(bytes).tensors)[0]); // 0.dense/kernel
 * ```
 */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** Copies tensors to arrays; the caller keeps owning the tensors. @internal */
export async function readTensors(
  tensors: Iterable<readonly [name: string, tensor: tf.Tensor]>,
): Promise<NamedArrays> {
  const entries = [...tensors].map(async ([name, tensor]): Promise<[string, NamedArray]> => {
    const { shape } = tensor;
    return [name, { shape: [...shape], values: Float32Array.from(await tensor.data()) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Creates a tensor from an array; the caller disposes it. @internal */
export function toTensor(array: NamedArray): tf.Tensor {
  // A copy, because some backends keep the given array.
  return tf.tensor(Float32Array.from(array.values), [...array.shape], 'float32');
}

/**
 * Differences between saved arrays and the tensors they belong to: one line for each.
 *
 * @internal
 */
export function arrayDifferences(
  what: string,
  arrays: NamedArrays,
  tensors: Iterable<readonly [name: string, tensor: tf.Tensor]>,
): string[] {
  const differences: string[] = [];
  const left = new Set(Object.keys(arrays));
  for (const [name, tensor] of tensors) {
    left.delete(name);
    const array = arrays[name];
    const [was, is] = [
      array === undefined ? 'none' : formatShape(array.shape),
      formatShape(tensor.shape),
    ];
    if (was !== is) differences.push(`${what} ${name}: was ${was}, is ${is}`);
  }
  for (const name of left) {
    differences.push(`${what} ${name}: was ${formatShape(arrays[name]?.shape ?? [])}, is none`);
  }
  return differences;
}
