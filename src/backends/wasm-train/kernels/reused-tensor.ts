import * as tf from '@tensorflow/tfjs';
import { reusedTensor } from '../../../tfjs-internals/optional-kernels.ts';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';

/** A copy of a tensor whose packed forms are kept. @internal */
export const reusedTensorKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x'>>(reusedTensor, (call, { x }) => {
    if (x.dtype !== 'float32') return undefined;
    const size = tf.util.sizeFromShape(x.shape);
    const from = call.input(x);
    const { tensor, address } = call.output(x.shape, 'float32');
    call.view('float32', address, size).set(call.view('float32', from, size));
    call.keepForms(tensor);
    return tensor;
  }),
];
