import * as tf from '@tensorflow/tfjs';
import { bytesPerValue } from '../stored-tensor.ts';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { valueRanges } from './split.ts';

/** Casts to float32, selection by a condition, and constant tensors. @internal */
export const convertKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x'>, tf.CastAttrs>(tf.Cast, (call, { x }, { dtype }) => {
    const size = tf.util.sizeFromShape(x.shape);
    if (dtype !== 'float32' || size === 0) return undefined;
    if (x.dtype === 'float32') return call.reshaped(x, x.shape);
    if (x.dtype !== 'bool' && x.dtype !== 'int32') return undefined;
    const from = call.input(x);
    const { tensor, address } = call.output(x.shape, 'float32');
    const bytes = bytesPerValue(x.dtype);
    call.runParts(
      x.dtype === 'bool' ? 'boolsToFloats' : 'integersToFloats',
      valueRanges(call, size).map(({ first, count }) => [
        ...([address + first * 4, from + first * bytes, count] as const),
      ]),
    );
    return tensor;
  }),

  wasmKernel<Inputs<'condition' | 't' | 'e'>>(tf.Select, (call, { condition, t, e }) => {
    const size = tf.util.sizeFromShape(t.shape);
    if (condition.dtype !== 'bool' || t.dtype !== 'float32' || e.dtype !== 'float32') {
      return undefined;
    }
    // A condition with one value per row is left to cpu.
    const whole = [condition, e].every(({ shape }) => tf.util.sizeFromShape(shape) === size);
    if (!whole || size === 0) return undefined;
    const mask = call.input(condition);
    const whenTrue = call.input(t);
    const whenFalse = call.input(e);
    const { tensor, address } = call.output(t.shape, 'float32');
    call.runParts(
      'select',
      valueRanges(call, size).map(({ first, count }) => {
        const at = first * 4;
        return [address + at, mask + first, whenTrue + at, whenFalse + at, count];
      }),
    );
    return tensor;
  }),

  wasmKernel<object, tf.FillAttrs>(tf.Fill, (call, _inputs, { shape, value, dtype }) => {
    if (typeof value !== 'number' || dtype !== 'float32') return undefined;
    return filled(call, shape, value);
  }),
  wasmKernel<Inputs<'x'>>(tf.ZerosLike, (call, { x }) =>
    x.dtype === 'float32' ? filled(call, x.shape, 0) : undefined,
  ),
  wasmKernel<Inputs<'x'>>(tf.OnesLike, (call, { x }) =>
    x.dtype === 'float32' ? filled(call, x.shape, 1) : undefined,
  ),
];

function filled(call: KernelCall, shape: readonly number[], value: number): tf.TensorInfo {
  const { tensor, address } = call.output(shape, 'float32');
  call.runParts(
    'fillFloats',
    valueRanges(call, tf.util.sizeFromShape([...shape])).map(({ first, count }) => [
      ...([address + first * 4, count, value] as const),
    ]),
  );
  return tensor;
}
