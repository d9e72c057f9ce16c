import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';

interface AdamAttributes {
  readonly stepSize: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly secondCorrection: number;
}

/**
 * One step of Adam on one weight, as a single pass over memory. TensorFlow.js has no such kernel; it is run by name:
 *
 *     const [value, first, second] = tf.engine().runKernel('AdamUpdate',
 *       { value, gradient, firstMoment, secondMoment },
 *       { stepSize, beta1, beta2, epsilon, secondCorrection });
 *
 * with stepSize = α / (1 − β₁ᵗ) and secondCorrection = √(1 − β₂ᵗ). The results are three new tensors.
 *
 * @see Kingma and Ba, Adam: A Method for Stochastic Optimization, 2014, end of section 2.
 * {@link https://arxiv.org/abs/1412.6980}
 * @internal
 */
export const adamKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'value' | 'gradient' | 'firstMoment' | 'secondMoment'>, AdamAttributes>(
    'AdamUpdate',
    (call, { value, gradient, firstMoment, secondMoment }, attributes) => {
      const tensors = [value, gradient, firstMoment, secondMoment];
      if (tensors.some(({ dtype }) => dtype !== 'float32')) return undefined;
      if (!tensors.every(({ shape }) => tf.util.arraysEqual(shape, value.shape))) return undefined;
      const { stepSize, beta1, beta2, epsilon, secondCorrection } = attributes;
      const from = tensors.map((tensor) => call.input(tensor)) as [number, number, number, number];
      const newValue = call.output(value.shape, 'float32');
      const newFirst = call.output(value.shape, 'float32');
      const newSecond = call.output(value.shape, 'float32');
      call.wasm.adam(
        newValue.address,
        newFirst.address,
        newSecond.address,
        ...from,
        tf.util.sizeFromShape(value.shape),
        stepSize,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        epsilon,
        secondCorrection,
      );
      return [newValue.tensor, newFirst.tensor, newSecond.tensor];
    },
  ),
];
