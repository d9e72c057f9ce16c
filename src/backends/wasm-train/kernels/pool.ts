import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, KernelName, WasmKernel } from '../wasm-kernel.ts';
import { ranges } from './split.ts';
import { isWindow, writeWindow } from './window.ts';
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
      if (sizes === undefined || !fits(dy, sizes)) return undefined;
      const from = call.input(dy);
      const { tensor, address } = call.output(input.shape, 'float32');
      const window = writeWindow(call, sizes, address, from);
      // As on cpu, positions on the padding count as well.
      const scale = 1 / (sizes.filterHeight * sizes.filterWidth);
      const rows = sizes.batchSize * sizes.inHeight;
      const parts = ranges(rows, 1, call.partsFor(operations(sizes)));
      call.runParts(
        'averagePoolGradient',
        parts.map(({ first, count }) => [window, scale, first, first + count]),
      );
      return tensor;
    },
  ),

  wasmKernel<Inputs<'dy' | 'input'>, PoolAttributes>(
    tf.MaxPoolGrad,
    (call, { dy, input }, attributes) => {
      const sizes = sizesOf(input, attributes);
      if (sizes === undefined || !fits(dy, sizes)) return undefined;
      const x = call.input(input);
      const gradients = call.input(dy);
      const { tensor, address } = call.output(input.shape, 'float32');
      const window = writeWindow(call, sizes, x, gradients);
      const parts = ranges(sizes.batchSize, 1, call.partsFor(operations(sizes)));
      call.runParts(
        'maxPoolGradient',
        parts.map(({ first, count }) => [window, address, first, first + count]),
      );
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
  const parts = ranges(rows, 1, call.partsFor(operations(sizes)));
  call.runParts(
    kernel,
    parts.map(({ first, count }) => [window, first, first + count]),
  );
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

function fits(dy: tf.TensorInfo, sizes: WindowSizes): boolean {
  return dy.dtype === 'float32' && tf.util.arraysEqual(dy.shape, sizes.outShape);
}

/** A value read and compared counts like a value changed. */
function operations({ outShape, filterHeight, filterWidth }: WindowSizes): number {
  return 8 * tf.util.sizeFromShape(outShape) * filterHeight * filterWidth;
}
