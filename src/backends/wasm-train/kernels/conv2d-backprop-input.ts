import * as tf from '@tensorflow/tfjs';
import { fusedConv2DTranspose } from '../../../tfjs-internals/optional-kernels.ts';
import { wasmKernel } from '../wasm-kernel.ts';
import type { KernelExports } from '../kernels-binary.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { areFinite } from './are-finite.ts';
import { convolutionOf, forwardTable, inputImage, outputImage } from './convolution.ts';
import type { Convolution, ConvolutionAttributes } from './convolution.ts';
import { activate, addBias, startRow } from './fused-epilogue.ts';
import type { Epilogue } from './fused-epilogue.ts';
import { gatherMultiply, gatherScratch } from './gather-multiply.ts';
import type { GatherProduct } from './gather-multiply.ts';
import { packedBytes } from './packed-bytes.ts';
import { scatterMultiply, wayOfFewChannels } from './scatter-multiply.ts';
import { runInTurns } from './split.ts';
import { multiplyTaps } from './sum-taps.ts';
import { winogradTransposed } from './winograd.ts';
import { plannedWinograd } from './winograd-plan.ts';

/** Bytes of one step of k in a packed panel, as in assembly/gemm-tile.ts. */
const panelBytes = 32;

type Attributes = ConvolutionAttributes & { readonly inputShape: number[] };

/** The gradient of a convolution's input, which is also the transposed convolution. @internal */
export const conv2dBackpropInputKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'dy' | 'filter'>, Attributes>(
    tf.Conv2DBackpropInput,
    (call, { dy, filter }, attributes) => transposed(call, dy, filter, attributes, {}),
  ),
  wasmKernel<Inputs<'x' | 'filter'> & Pick<Epilogue, 'bias'>, Attributes & Epilogue>(
    fusedConv2DTranspose,
    (call, { x, filter, bias }, attributes) =>
      transposed(call, x, filter, attributes, { ...attributes, bias }),
  ),
];

function transposed(
  call: KernelCall,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  attributes: Attributes,
  epilogue: Epilogue,
): tf.TensorInfo | undefined {
  if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
  const shape = attributes.inputShape;
  const sizes = convolutionOf(shape, filter.shape, attributes);
  // tfjs accepts a transposed convolution whose input does not have the size that its output
  // implies.
  if (sizes === undefined || !tf.util.arraysEqual(dy.shape, sizes.outShape)) return undefined;
  const dyAddress = call.input(dy);
  const filterAddress = call.input(filter);
  const { tensor, address } = call.output(shape, 'float32');
  const { inChannels, batchSize, filterHeight, filterWidth, outChannels } = sizes;
  const { bias } = epilogue;
  const isKept = call.keepsForms(filter);
  const taps = filterHeight * filterWidth;
  const way = wayOfFewChannels(inChannels, batchSize, taps, outChannels, isKept);
  const plan = way === undefined ? plannedWinograd(call, sizes, 'transposed', isKept) : undefined;
  const images = { high: address, low: dyAddress };
  if (way !== undefined) {
    const table = forwardTable(sizes, address, dyAddress);
    if (way === 'taps') multiplyTaps(call, table, filter);
    else scatterMultiply(call, table, filterAddress);
    addBias(call, address, shape, bias);
  } else if (plan !== undefined && winogradTransposed(call, plan, images, filter)) {
    addBias(call, address, shape, bias);
  } else {
    const start = startRow(call, inChannels, bias);
    multiplyByPhases(call, sizes, address, dyAddress, filter, start);
  }
  activate(call, address, shape, epilogue);
  return tensor;
}

/** The taps along one axis that reach the input positions `phase`, `phase` + stride, …. */
interface PhaseTaps {
  /** The taps of the filter, in ascending order of the positions they read. */
  readonly taps: readonly number[];
  /** The position of the gradient that each tap reads for the first input position. */
  readonly offsets: readonly number[];
  /** The number of input positions in the phase. */
  readonly places: number;
}

function phasesOf(
  size: number,
  taps: number,
  stride: number,
  dilation: number,
  pad: number,
): PhaseTaps[] {
  return Array.from({ length: Math.min(stride, size) }, (_, phase) => {
    const reaching = Array.from({ length: taps }, (__, tap) => taps - 1 - tap).filter(
      (tap) => (phase + pad - tap * dilation) % stride === 0,
    );
    return {
      taps: reaching,
      offsets: reaching.map((tap) => (phase + pad - tap * dilation) / stride),
      places: Math.ceil((size - phase) / stride),
    };
  });
}

/**
 * One product for each phase of the stride. The same taps reach all input positions of a phase, and
 * no others do, so nothing is multiplied by the zeros of a dilated gradient.
 */
function multiplyByPhases(
  call: KernelCall,
  sizes: Convolution,
  target: number,
  dy: number,
  weights: tf.TensorInfo,
  start: number,
): void {
  const { filterHeight, filterWidth, strideHeight, strideWidth, inChannels, outChannels } = sizes;
  const { inHeight, inWidth, dilationHeight, dilationWidth, padInfo, batchSize } = sizes;
  const vertical = phasesOf(inHeight, filterHeight, strideHeight, dilationHeight, padInfo.top);
  const horizontal = phasesOf(inWidth, filterWidth, strideWidth, dilationWidth, padInfo.left);

  const filter = call.input(weights);
  const exact = !areFinite(call, weights);
  const scratch = gatherScratch(call);
  const products: GatherProduct[] = [];
  const taps: (readonly [from: number, at: number, k: number])[] = [];
  let bytes = 0;
  for (const [y, rows] of vertical.entries()) {
    for (const [x, columns] of horizontal.entries()) {
      const k = rows.taps.length * columns.taps.length * outChannels;
      for (const [i, tapY] of rows.taps.entries()) {
        for (const [j, tapX] of columns.taps.entries()) {
          const from = filter + (tapY * filterWidth + tapX) * inChannels * outChannels * 4;
          const before = (i * columns.taps.length + j) * outChannels;
          taps.push([from, bytes + before * panelBytes, k]);
        }
      }
      const table = {
        source: outputImage(sizes, dy),
        target: inputImage(sizes, target),
        targetOrigin: [y, x],
        targetStep: [strideHeight, strideWidth],
        batch: batchSize,
        grid: [rows.places, columns.places],
        step: [1, 1],
        offsetsY: rows.offsets,
        offsetsX: columns.offsets,
        exact,
      } as const;
      products.push([table, { address: bytes, start, columns: inChannels, k, scratch }]);
      bytes += packedBytes(k, inChannels);
    }
  }
  const name = `columns ${taps.map(([from]) => from - filter).join()}`;
  const packed = call.form(weights, name, bytes, (to) => {
    const packing = taps.map(([from, at, k]): Parameters<KernelExports['packMatrix']> => [
      ...([to + at, from, 1, outChannels, outChannels, inChannels, k] as const),
    ]);
    const values = filterHeight * filterWidth * inChannels * outChannels;
    runInTurns(call, 'packMatrix', packing, 8 * values);
  });
  const placed = products.map(([table, product]): GatherProduct => [
    table,
    { ...product, address: packed + product.address },
  ]);
  gatherMultiply(call, placed);
}
