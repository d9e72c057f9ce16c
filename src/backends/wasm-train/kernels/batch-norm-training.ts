import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { ranges, rowRanges } from './split.ts';

/** Names of the two kernels, which TensorFlow.js does not have. @internal */
export const batchNormTraining = 'BatchNormTraining';
/** @internal */
export const batchNormTrainingGradient = 'BatchNormTrainingGradient';

interface Attributes {
  readonly epsilon: number;
}

type ForwardInputs = Inputs<'x'> & {
  readonly scale?: tf.TensorInfo;
  readonly offset?: tf.TensorInfo;
};

type BackwardInputs = Inputs<'dy' | 'x' | 'mean' | 'variance'> & { readonly scale?: tf.TensorInfo };

/** The number of doubles in a cache line; sums are doubles. */
const columnsApart = 8;

/**
 * Batch norm over all axes but the last with the batch's statistics, and its gradient. Each reads
 * its tensors twice.
 *
 *     [y, mean, variance] = BatchNormTraining({ x, scale?, offset? }, { epsilon })
 *     [dx, dScale, dOffset] =
 *       BatchNormTrainingGradient({ dy, x, mean, variance, scale? }, { epsilon })
 *
 * with y = (x − mean) / √(variance + ε) · scale + offset and the gradient
 * dx = scale / √(variance + ε) · (dy − Σdy / n − x̂ · Σ(dy · x̂) / n).
 *
 * @see Ioffe and Szegedy, Batch Normalization, 2015, section 3.
 * {@link https://arxiv.org/abs/1502.03167}
 * @internal
 */
export const batchNormTrainingKernels: readonly WasmKernel[] = [
  wasmKernel<ForwardInputs, Attributes>(
    batchNormTraining,
    (call, { x, scale, offset }, { epsilon }) => {
      const sizes = sizesOf(x, [scale, offset]);
      if (sizes === undefined) return undefined;
      const { rows, channels } = sizes;
      const xAddress = call.input(x);
      const scaleAddress = scale === undefined ? 0 : call.input(scale);
      const offsetAddress = offset === undefined ? 0 : call.input(offset);
      const y = call.output(x.shape, 'float32');
      const mean = call.output([channels], 'float32');
      const variance = call.output([channels], 'float32');
      const sums = addUp(call, { x: xAddress, dy: 0, mean: 0, rows, channels });
      const factors = call.scratch(channels * 4);
      const { wasm } = call;
      wasm.batchNormMoments(mean.address, variance.address, sums, rows, channels);
      wasm.batchNormFactors(factors, variance.address, scaleAddress, epsilon, channels);
      call.runParts(
        'batchNorm',
        rowRanges(call, rows, channels).map(({ first, count }) => {
          const at = first * channels * 4;
          return [
            ...([y.address + at, xAddress + at, mean.address, factors] as const),
            ...([offsetAddress, count, channels] as const),
          ];
        }),
      );
      return [y.tensor, mean.tensor, variance.tensor];
    },
  ),
  wasmKernel<BackwardInputs, Attributes>(
    batchNormTrainingGradient,
    (call, { dy, x, mean, variance, scale }, { epsilon }) => {
      const sizes = sizesOf(x, [mean, variance, scale]);
      if (sizes === undefined || dy.dtype !== 'float32') return undefined;
      if (!tf.util.arraysEqual(dy.shape, x.shape)) return undefined;
      const { rows, channels } = sizes;
      const [dyAddress, xAddress] = [call.input(dy), call.input(x)];
      const [meanAddress, varianceAddress] = [call.input(mean), call.input(variance)];
      const scaleAddress = scale === undefined ? 0 : call.input(scale);
      const dx = call.output(x.shape, 'float32');
      const dScale = call.output([channels], 'float32');
      const dOffset = call.output([channels], 'float32');
      const tensors = { x: xAddress, dy: dyAddress, mean: meanAddress, rows, channels };
      const sums = addUp(call, tensors);
      const slopes = call.scratch(3 * channels * 4);
      call.wasm.batchNormSlopes(
        ...([slopes, dScale.address, dOffset.address, sums] as const),
        ...([varianceAddress, scaleAddress, epsilon, rows, channels] as const),
      );
      call.runParts(
        'batchNormGradient',
        rowRanges(call, rows, channels).map(({ first, count }) => {
          const at = first * channels * 4;
          return [
            ...([dx.address + at, dyAddress + at, xAddress + at] as const),
            ...([meanAddress, slopes, count, channels] as const),
          ];
        }),
      );
      return [dx.tensor, dScale.tensor, dOffset.tensor];
    },
  ),
];

/** Rows and channels, or `undefined` if a tensor has another dtype or size, or `x` is empty. */
function sizesOf(
  x: tf.TensorInfo,
  byChannel: readonly (tf.TensorInfo | undefined)[],
): { rows: number; channels: number } | undefined {
  const size = tf.util.sizeFromShape(x.shape);
  const channels = x.shape.at(-1) ?? 0;
  const fits = (tensor: tf.TensorInfo | undefined): boolean =>
    tensor === undefined ||
    (tensor.dtype === 'float32' && tf.util.sizeFromShape(tensor.shape) === channels);
  if (x.dtype !== 'float32' || size === 0 || !byChannel.every(fits)) return undefined;
  return { rows: size / channels, channels };
}

interface Series {
  readonly x: number;
  /** 0 to sum x and x². */
  readonly dy: number;
  readonly mean: number;
  readonly rows: number;
  readonly channels: number;
}

/** Computes the sums of each channel. Returns the address of two rows of doubles. */
function addUp(call: KernelCall, { x, dy, mean, rows, channels }: Series): number {
  const sums = call.scratch(2 * channels * 8);
  const parts = ranges(channels, columnsApart, call.partsFor(8 * rows * channels));
  call.runParts(
    'batchNormSums',
    parts.map(({ first, count }) => {
      const at = first * 4;
      return [
        ...([sums + first * 8, x + at, dy === 0 ? 0 : dy + at] as const),
        ...([mean + at, rows, count, channels] as const),
      ];
    }),
  );
  return sums;
}
