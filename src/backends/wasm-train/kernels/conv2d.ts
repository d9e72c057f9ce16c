import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { convolutionOf, forwardTable, inputImage, outputImage } from './convolution.ts';
import type { Convolution, ConvolutionAttributes } from './convolution.ts';
import { activate, addBias, isKnownEpilogue, isRow, startRow } from './fused-epilogue.ts';
import type { Epilogue } from './fused-epilogue.ts';
import { areFinite } from './are-finite.ts';
import { gatherMultiply, gatherScratch } from './gather-multiply.ts';
import { packMatrix } from './pack-matrix.ts';
import { packedBytes } from './packed-bytes.ts';
import { scatterMultiply, wayOfFewChannels } from './scatter-multiply.ts';
import { winogradForward } from './winograd.ts';
import { plannedWinograd } from './winograd-plan.ts';

type FusedInputs = Inputs<'x' | 'filter'> & Pick<Epilogue, 'bias' | 'preluActivationWeights'>;

/** Forward convolutions of channels-last images. @internal */
export const conv2dKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x' | 'filter'>, ConvolutionAttributes>(
    tf.Conv2D,
    (call, { x, filter }, attributes) => conv2d(call, x, filter, attributes, {}),
  ),
  wasmKernel<FusedInputs, ConvolutionAttributes & Epilogue>(
    tf.FusedConv2D,
    (call, { x, filter, bias, preluActivationWeights }, attributes) => {
      const { activation, leakyreluAlpha } = attributes;
      const epilogue = { bias, preluActivationWeights, activation, leakyreluAlpha };
      return conv2d(call, x, filter, attributes, epilogue);
    },
  ),
];

function conv2d(
  call: KernelCall,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  attributes: ConvolutionAttributes,
  epilogue: Epilogue,
): tf.TensorInfo | undefined {
  if (x.dtype !== 'float32' || filter.dtype !== 'float32' || !isKnownEpilogue(epilogue)) {
    return undefined;
  }
  const sizes = convolutionOf(x.shape, filter.shape, attributes);
  if (sizes === undefined) return undefined;
  const { batchSize, outHeight, outWidth, outChannels } = sizes;
  const shape = [batchSize, outHeight, outWidth, outChannels];
  const operands = { x: call.input(x), filter: call.input(filter), weights: filter };
  const { tensor, address } = call.output(shape, 'float32');

  const taps = sizes.filterHeight * sizes.filterWidth;
  const unitStride = sizes.strideHeight === 1 && sizes.strideWidth === 1;
  if (unitStride && wayOfFewChannels(outChannels, batchSize, taps, sizes.inChannels, false)) {
    scatter(call, sizes, address, operands);
    addBias(call, address, shape, epilogue.bias);
  } else {
    gather(call, sizes, address, operands, startRow(call, outChannels, epilogue.bias));
    if (!isRow(epilogue.bias, outChannels)) addBias(call, address, shape, epilogue.bias);
  }
  activate(call, address, shape, epilogue);
  return tensor;
}

/** Addresses of a convolution's inputs. */
interface Operands {
  readonly x: number;
  readonly filter: number;
  /** The filter's tensor. */
  readonly weights: tf.TensorInfo;
}

/** Patches of the input times the filter, added to a row of start values. */
function gather(
  call: KernelCall,
  sizes: Convolution,
  target: number,
  { x, filter, weights }: Operands,
  start: number,
): void {
  const plan = plannedWinograd(call, sizes, 'forward', call.keepsForms(weights));
  const images = { high: x, low: target };
  if (plan !== undefined && winogradForward(call, plan, images, weights, start)) return;
  const { outChannels: columns } = sizes;
  const k = sizes.filterHeight * sizes.filterWidth * sizes.inChannels;
  const matrix = { address: filter, rows: k, columns, rowStep: columns, columnStep: 1 };
  const packed = call.form(weights, 'columns', packedBytes(k, columns), (to) => {
    packMatrix(call, to, matrix);
  });
  const scratch = gatherScratch(call);
  const exact = !areFinite(call, weights);
  const table = { ...forwardTable(sizes, x, target), exact };
  gatherMultiply(call, [[table, { address: packed, start, columns, k, scratch }]]);
}

/** The input's pixels scatter their products to the few channels of the output. */
function scatter(call: KernelCall, sizes: Convolution, target: number, operands: Operands): void {
  const { filterHeight, filterWidth, inChannels, outChannels, padInfo } = sizes;
  const { dilationHeight, dilationWidth } = sizes;
  const taps = filterHeight * filterWidth;
  // [taps, channels in, channels out] → [taps, channels out, channels in]
  const filter = call.scratch(taps * inChannels * outChannels * 4);
  const size = inChannels * outChannels;
  call.wasm.copyStrided(
    ...([filter, operands.filter, 1, taps, outChannels, inChannels] as const),
    ...([0, size, inChannels, 1, 0, size, 1, outChannels] as const),
  );
  const offsets = (count: number, dilation: number, pad: number): number[] =>
    Array.from({ length: count }, (_, tap) => pad - tap * dilation);
  scatterMultiply(
    call,
    {
      source: outputImage(sizes, target),
      target: inputImage(sizes, operands.x),
      targetOrigin: [0, 0],
      targetStep: [1, 1],
      batch: sizes.batchSize,
      grid: [sizes.inHeight, sizes.inWidth],
      step: [1, 1],
      offsetsY: offsets(filterHeight, dilationHeight, padInfo.top),
      offsetsX: offsets(filterWidth, dilationWidth, padInfo.left),
    },
    filter,
  );
}
