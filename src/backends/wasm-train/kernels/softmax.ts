import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { rowRanges } from './split.ts';

interface SoftmaxInputs {
  readonly logits: tf.TensorInfo;
}

/** Softmax and log softmax over the last axis. @internal */
export const softmaxKernels: readonly WasmKernel[] = [
  wasmKernel<SoftmaxInputs, tf.SoftmaxAttrs>(tf.Softmax, (call, { logits }, { dim }) =>
    softmax(call, logits, dim, 0),
  ),
  wasmKernel<SoftmaxInputs, tf.LogSoftmaxAttrs>(tf.LogSoftmax, (call, { logits }, { axis }) =>
    softmax(call, logits, axis, 1),
  ),
];

function softmax(
  call: KernelCall,
  logits: tf.TensorInfo,
  axis: number,
  logarithm: 0 | 1,
): tf.TensorInfo | undefined {
  const { shape, dtype } = logits;
  const size = tf.util.sizeFromShape(shape);
  if (dtype !== 'float32' || size === 0) return undefined;
  // Another axis is an error, which cpu's kernel throws.
  if (axis !== -1 && axis !== shape.length - 1) return undefined;
  const columns = shape.at(-1) ?? 1;
  const from = call.input(logits);
  const { tensor, address } = call.output(shape, 'float32');
  call.runParts(
    'softmax',
    rowRanges(call, size / columns, columns).map(({ first, count }) => {
      const at = first * columns * 4;
      return [address + at, from + at, count, columns, logarithm];
    }),
  );
  return tensor;
}
