import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, KernelName, WasmKernel } from '../wasm-kernel.ts';
import { runOver } from './split.ts';
import { isOfResults, isWindow, windowOperations, writeWindow } from './window.ts';
import type { WindowSizes } from './window.ts';

type PoolAttributes = Pick<tf.MaxPoolAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;

/** Maximum and average pooling, and their gradients. @internal */
export const poolKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x'>, PoolAttributes>(tf.MaxPool, (call, { x }, attributes) =>
    pool(call, 'maxPool', x, attributes),
  ),
  wasmKernel<Inputs<'x'>, PoolAttributes>(tf.AvgPool, (call, { x }, attributes) =>
    pool(call, 'averagePool', x, attributes),
  ),

  wasmKernel<Inputs<'dy' | 'input'>, PoolAttributes>(
    tf.AvgPoolGrad,
    (call, { dy, input }, attributes) => {
      const sizes = sizesOf(input, attributes);
      if (sizes === undefined || !isOfResults(dy, sizes)) return undefined;
      const from = call.input(dy);
      const { tensor, address } = call.output(input.shape, 'float32');
      const window = writeWindow(call, sizes, address, from);
      // As on cpu, positions on the padding count as well.
      const scale = 1 / (sizes.filterHeight * sizes.filterWidth);
      const rows = sizes.batchSize * sizes.inHeight;
      runOver(call, 'averagePoolGradient', [window, scale], rows, windowOperations(sizes));
      return tensor;
    },
  ),

  wasmKernel<Inputs<'dy' | 'input'>, PoolAttributes>(
    tf.MaxPoolGrad,
    (call, { dy, input }, attributes) => {
      const sizes = sizesOf(input, attributes);
      if (sizes === undefined || !isOfResults(dy, sizes)) return undefined;
      const x = call.input(input);
      const gradients = call.input(dy);
      const { tensor, address } = call.output(input.shape, 'float32');
      const window = writeWindow(call, sizes, x, gradients);
      const operations = windowOperations(sizes);
      runOver(call, 'maxPoolGradient', [window, address], sizes.batchSize, operations);
      return tensor;
    },
  ),
];

function pool(
  call: KernelCall,
  kernel: Extract<KernelName, 'maxPool' | 'averagePool'>,
  x: tf.TensorInfo,
  attributes: PoolAttributes,
): tf.TensorInfo | undefined {
  const sizes = sizesOf(x, attributes);
  if (sizes === undefined) return undefined;
  const { filterHeight, filterWidth, inShape, outShape } = sizes;
  // As on cpu, even with padding and strides that happen to keep the size.
  if (filterHeight * filterWidth === 1 && tf.util.arraysEqual(inShape, outShape)) {
    return call.reshaped(x, x.shape);
  }
  const from = call.input(x);
  const { tensor, address } = call.output(outShape, 'float32');
  const window = writeWindow(call, sizes, from, address);
  const rows = sizes.batchSize * sizes.outHeight;
  runOver(call, kernel, [window], rows, windowOperations(sizes));
  return tensor;
}

function sizesOf(x: tf.TensorInfo, attributes: PoolAttributes): WindowSizes | undefined {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const sizes = tf.backend_util.computePool2DInfo(
    x.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return x.dtype === 'float32' && isWindow(sizes) ? sizes : undefined;
}
