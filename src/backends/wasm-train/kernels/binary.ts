import * as tf from '@tensorflow/tfjs';
import type { ResidentType } from '../stored-tensor.ts';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { broadcastAxes, forEachPosition, moves } from './broadcast.ts';
import { rowRanges, valueRanges } from './split.ts';

/** Numbers of the operations, as in assembly/binary.ts. */
const operations: readonly (readonly [kernelName: string, operation: number])[] = [
  [tf.Add, 0],
  [tf.Sub, 1],
  [tf.Multiply, 2],
  [tf.RealDiv, 3],
  [tf.Maximum, 4],
  [tf.Minimum, 5],
  [tf.SquaredDifference, 6],
];

const comparisons: readonly (readonly [kernelName: string, operation: number])[] = [
  [tf.Greater, 0],
  [tf.GreaterEqual, 1],
  [tf.Less, 2],
  [tf.LessEqual, 3],
  [tf.Equal, 4],
  [tf.NotEqual, 5],
];

const preluOperation = 7;
const eluGradientOperation = 8;

/** Elementwise functions of two tensors, with broadcasting. @internal */
export const binaryKernels: readonly WasmKernel[] = [
  ...operations.map(([kernelName, operation]) =>
    wasmKernel<Inputs<'a' | 'b'>>(kernelName, (call, { a, b }) =>
      broadcast(call, 'binary', operation, a, b),
    ),
  ),
  ...comparisons.map(([kernelName, operation]) =>
    wasmKernel<Inputs<'a' | 'b'>>(kernelName, (call, { a, b }) =>
      broadcast(call, 'compare', operation, a, b),
    ),
  ),
  wasmKernel<Inputs<'x' | 'alpha'>>(tf.Prelu, (call, { x, alpha }) =>
    broadcast(call, 'binary', preluOperation, x, alpha),
  ),
  wasmKernel<Inputs<'dy' | 'y'>>(tf.EluGrad, (call, { dy, y }) =>
    broadcast(call, 'binary', eluGradientOperation, dy, y),
  ),
];

function broadcast(
  call: KernelCall,
  family: 'binary' | 'compare',
  operation: number,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
): tf.TensorInfo | undefined {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  if (tf.util.sizeFromShape(shape) === 0) return undefined;

  const dtype: ResidentType = family === 'binary' ? 'float32' : 'bool';
  const resultBytes = dtype === 'float32' ? 4 : 1;
  const aAddress = call.input(a);
  const bAddress = call.input(b);
  const { tensor, address } = call.output(shape, dtype);

  const axes = broadcastAxes(a.shape, b.shape, shape);
  const columns = axes.pop() ?? { size: 1, moves: moves.both, aStep: 1, bStep: 1 };
  const rows = axes.pop() ?? { size: 1, moves: moves.both, aStep: 0, bStep: 0 };
  const planeBytes = rows.size * columns.size * resultBytes;
  forEachPosition(axes, (position, aOffset, bOffset) => {
    const plane = address + position * planeBytes;
    const aPlane = aAddress + aOffset * 4;
    const bPlane = bAddress + bOffset * 4;
    // Splits a single row by columns, and several rows by rows.
    const cut = rows.size === 1 ? columns : rows;
    const runs =
      cut === columns ? valueRanges(call, columns.size) : rowRanges(call, rows.size, columns.size);
    call.runParts(
      family,
      runs.map(({ first, count }) => [
        operation,
        plane + first * (cut === columns ? 1 : columns.size) * resultBytes,
        aPlane + first * cut.aStep * 4,
        bPlane + first * cut.bStep * 4,
        ...(cut === columns ? ([1, count] as const) : ([count, columns.size] as const)),
        ...([rows.aStep, rows.bStep, columns.moves] as const),
      ]),
    );
  });
  return tensor;
}
