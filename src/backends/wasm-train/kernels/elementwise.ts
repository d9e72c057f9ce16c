import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';

/** Kernels that treat each value by itself. @internal */
export const elementwiseKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x'>>(tf.ZerosLike, (call, { x }) => {
    if (x.dtype !== 'float32') return undefined;
    const { tensor, address } = call.output(x.shape, 'float32');
    call.wasm.fillFloats(address, tf.util.sizeFromShape(x.shape), 0);
    return tensor;
  }),
];
