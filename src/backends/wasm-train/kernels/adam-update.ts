import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';
import { valueRanges } from './split.ts';

interface AdamAttributes {
  readonly stepSize: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly secondCorrection: number;
}

/**
 * One step of Adam on one weight, in a single pass over memory. TensorFlow.js has no such kernel;
 * run it by name:
 *
 *     const [value, first, second] = tf.engine().runKernel('AdamUpdate',
 *       { value, gradient, firstMoment, secondMoment },
 *       { stepSize, beta1, beta2, epsilon, secondCorrection });
 *
 * with stepSize = α / (1 − β₁ᵗ) and secondCorrection = √(1 − β₂ᵗ). The results are three new
 * tensors.
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
      const from = tensors.map((tensor) => call.input(tensor));
      const newValue = call.output(value.shape, 'float32');
      const newFirst = call.output(value.shape, 'float32');
      const newSecond = call.output(value.shape, 'float32');
      const to = [newValue, newFirst, newSecond].map(({ address }) => address);
      const at = (first: number) => (address: number) => address + first * 4;
      const settings = [stepSize, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, secondCorrection];
      call.runParts(
        'adam',
        valueRanges(call, tf.util.sizeFromShape(value.shape)).map(({ first, count }) => [
          ...(to.map(at(first)) as [number, number, number]),
          ...(from.map(at(first)) as [number, number, number, number]),
          ...([count, ...settings] as [
            number,
            number,
            number,
            number,
            number,
            number,
            number,
            number,
          ]),
        ]),
      );
      return [newValue.tensor, newFirst.tensor, newSecond.tensor];
    },
  ),
];
