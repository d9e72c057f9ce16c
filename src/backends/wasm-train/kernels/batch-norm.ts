import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { WasmKernel } from '../wasm-kernel.ts';
import { rowRanges } from './split.ts';

interface BatchNormInputs {
  readonly x: tf.TensorInfo;
  readonly mean: tf.TensorInfo;
  readonly variance: tf.TensorInfo;
  readonly scale?: tf.TensorInfo;
  readonly offset?: tf.TensorInfo;
}

/** (x − mean) / √(variance + ε) · scale + offset, with statistics per channel. @internal */
export const batchNormKernels: readonly WasmKernel[] = [
  wasmKernel<BatchNormInputs, tf.FusedBatchNormAttrs>(
    tf.FusedBatchNorm,
    (call, { x, mean, variance, scale, offset }, { varianceEpsilon }) => {
      const size = tf.util.sizeFromShape(x.shape);
      const channels = x.shape.at(-1) ?? 1;
      const byChannel = (tensor: tf.TensorInfo | undefined): boolean =>
        tensor === undefined ||
        (tensor.dtype === 'float32' && tf.util.sizeFromShape(tensor.shape) === channels);
      if (x.dtype !== 'float32' || size === 0) return undefined;
      if (![mean, variance, scale, offset].every(byChannel)) return undefined;
      // Different ranks are an error, which cpu's kernel throws.
      if (variance.shape.length !== mean.shape.length) return undefined;
      if ((scale ?? mean).shape.length !== mean.shape.length) return undefined;
      if ((offset ?? mean).shape.length !== mean.shape.length) return undefined;

      const xAddress = call.input(x);
      const meanAddress = call.input(mean);
      const varianceAddress = call.input(variance);
      const scaleAddress = scale === undefined ? 0 : call.input(scale);
      const offsetAddress = offset === undefined ? 0 : call.input(offset);
      const factors = call.scratch(channels * 4);
      const { tensor, address } = call.output(x.shape, 'float32');
      // tfjs's default, if a caller omits epsilon.
      const epsilon = (varianceEpsilon as number | undefined) ?? 0.001;
      call.wasm.batchNormFactors(factors, varianceAddress, scaleAddress, epsilon, channels);
      call.runParts(
        'batchNorm',
        rowRanges(call, size / channels, channels).map(({ first, count }) => {
          const at = first * channels * 4;
          return [
            address + at,
            xAddress + at,
            meanAddress,
            factors,
            offsetAddress,
            count,
            channels,
          ];
        }),
      );
      return tensor;
    },
  ),
];
