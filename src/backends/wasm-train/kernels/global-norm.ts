import * as tf from '@tensorflow/tfjs';
import { globalNorm } from '../../../tfjs-internals/optional-kernels.ts';
import { wasmKernel } from '../wasm-kernel.ts';
import type { WasmKernel } from '../wasm-kernel.ts';
import { reduce } from './reduce.ts';
import { applyUnary } from './unary.ts';

/** The number of the square, as in assembly/unary.ts. */
const square = 10;

/**
 * The norm of all tensors together. The bits are those of `tf.sqrt` of the sum, in order,
 * of each tensor's `tf.sum(tf.square(x))`.
 *
 * @internal
 */
export const globalNormKernels: readonly WasmKernel[] = [
  wasmKernel<readonly tf.TensorInfo[]>(globalNorm, (call, tensors) => {
    const sizes = tensors.map(({ shape }) => tf.util.sizeFromShape(shape));
    const areFloats = tensors.every(({ dtype }) => dtype === 'float32');
    if (!areFloats || sizes.length === 0 || sizes.includes(0)) return undefined;
    const from = tensors.map((tensor) => call.input(tensor));
    const squares = call.scratch(Math.max(...sizes) * 4);
    const sums = call.scratch(sizes.length * 4);
    const { tensor, address } = call.output([], 'float32');
    sizes.forEach((size, i) => {
      applyUnary(call, square, squares, from[i]!, size, [0, 0]);
      reduce(call, 'sum', sums + i * 4, squares, [1, size, 1]);
    });
    const total = call
      .view('float32', sums, sizes.length)
      .reduce((sum, value) => Math.fround(sum + value));
    call.view('float32', address, 1)[0] = Math.sqrt(total);
    return tensor;
  }),
];
