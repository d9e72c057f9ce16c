import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { valueRanges } from './split.ts';

/** Numbers of the operations, as in assembly/unary.ts. */
const operations: readonly (readonly [kernelName: string, operation: number])[] = [
  [tf.Relu, 0],
  [tf.LeakyRelu, 1],
  [tf.Tanh, 2],
  [tf.Sigmoid, 3],
  [tf.Softplus, 4],
  [tf.Exp, 5],
  [tf.Log, 6],
  [tf.Log1p, 7],
  [tf.Sqrt, 8],
  [tf.Rsqrt, 9],
  [tf.Square, 10],
  [tf.Neg, 11],
  [tf.Abs, 12],
  [tf.Step, 13],
  [tf.Reciprocal, 14],
  [tf.Elu, 15],
  [tf.Relu6, 16],
  [tf.ClipByValue, 17],
  [tf.Sign, 18],
  [tf.Floor, 19],
];

/** The parameters of the operations that take any. */
interface UnaryAttributes {
  readonly alpha?: number;
  readonly clipValueMin?: number;
  readonly clipValueMax?: number;
}

/** Elementwise functions of one tensor. @internal */
export const unaryKernels: readonly WasmKernel[] = operations.map(([kernelName, operation]) =>
  wasmKernel<Inputs<'x'>, UnaryAttributes>(kernelName, (call, { x }, attributes) => {
    const size = tf.util.sizeFromShape(x.shape);
    if (x.dtype !== 'float32' || size === 0) return undefined;
    const from = call.input(x);
    const { tensor, address } = call.output(x.shape, 'float32');
    const { alpha, clipValueMin, clipValueMax } = attributes;
    applyUnary(call, operation, address, from, size, [
      alpha ?? clipValueMin ?? 0,
      clipValueMax ?? 0,
    ]);
    return tensor;
  }),
);

/**
 * Applies a function to each of `count` values.
 *
 * @param operation - Its number in assembly/unary.ts.
 * @param target - Where the results go; may be `x`.
 * @internal
 */
export function applyUnary(
  call: KernelCall,
  operation: number,
  target: number,
  x: number,
  count: number,
  [p, q]: readonly [p: number, q: number],
): void {
  call.runParts(
    'unary',
    valueRanges(call, count).map(({ first, count: values }) => [
      ...([operation, target + first * 4, x + first * 4, values, p, q] as const),
    ]),
  );
}
