import * as tf from '@tensorflow/tfjs';
import type { KernelCall } from '../wasm-kernel.ts';

/** Whether all values of a tensor are numbers, neither infinite nor NaN. @internal */
export function areFinite(call: KernelCall, tensor: tf.TensorInfo): boolean {
  const flag = call.form(tensor, 'finite', 4, (to) => {
    const values = tf.util.sizeFromShape(tensor.shape);
    const finite = call.wasm.areFinite(call.input(tensor), values);
    call.view('int32', to, 1)[0] = Number(finite);
  });
  return call.view('int32', flag, 1)[0] !== 0;
}
