import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { KernelExports } from '../kernels-binary.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { convolutionOf, forwardTable, inputImage, outputImage } from './convolution.ts';
import type { Convolution, ConvolutionAttributes } from './convolution.ts';
import { startRow } from './fused-epilogue.ts';
import { gatherMultiply, gatherScratch } from './gather-multiply.ts';
import type { GatherProduct } from './gather-multiply.ts';
import { packedBytes } from './packed-bytes.ts';
import { prefersScatter, scatterMultiply } from './scatter-multiply.ts';
import { runInTurns } from './split.ts';
import { winogradTransposed } from './winograd.ts';
import { planWinograd } from './winograd-plan.ts';

/** Bytes of one step of k in a packed panel, as in assembly/gemm-tile.ts. */
const panelBytes = 32;

type Attributes = ConvolutionAttributes & { readonly inputShape: number[] };

/** The gradient of a convolution's input, which is also the transposed convolution. @internal */
export const conv2dBackpropInputKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'dy' | 'filter'>, Attributes>(
    tf.Conv2DBackpropInput,
    (call, { dy, filter }, attributes) => {
      if (dy.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
      const sizes = convolutionOf(attributes.inputShape, filter.shape, attributes);
      // tfjs accepts a transposed convolution whose input does not have the size that its output
      // implies.
      if (sizes === undefined || !tf.util.arraysEqual(dy.shape, sizes.outShape)) return undefined;
      const dyAddress = call.input(dy);
      const filterAddress = call.input(filter);
      const { tensor, address } = call.output(attributes.inputShape, 'float32');
      const { inChannels, batchSize, filterHeight, filterWidth, outChannels } = sizes;
      if (prefersScatter(inChannels, batchSize, filterHeight * filterWidth, outChannels)) {
        scatterMultiply(call, forwardTable(sizes, address, dyAddress), filterAddress);
      } else {
        multiplyByPhases(call, sizes, address, dyAddress, filterAddress);
      }
      return tensor;
    },
  ),
];

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
  filter: number,
): void {
  const plan = planWinograd(sizes, 'transposed');
  const images = { high: target, low: dy };
  if (plan !== undefined && winogradTransposed(call, plan, images, filter)) return;
  const { filterHeight, filterWidth, strideHeight, strideWidth, inChannels, outChannels } = sizes;
  const { inHeight, inWidth, dilationHeight, dilationWidth, padInfo, batchSize } = sizes;
  const vertical = phasesOf(inHeight, filterHeight, strideHeight, dilationHeight, padInfo.top);
  const horizontal = phasesOf(inWidth, filterWidth, strideWidth, dilationWidth, padInfo.left);

  const values = filterHeight * filterWidth * inChannels * outChannels;
  const exact = !call.wasm.areFinite(filter, values);
  const start = startRow(call, inChannels);
  const packed = call.scratch(packedBytes(filterHeight * filterWidth * outChannels, inChannels));
  const scratch = gatherScratch(call);
  const packing: Parameters<KernelExports['packMatrix']>[] = [];
  const products: GatherProduct[] = [];
  let to = packed;
  for (const [y, rows] of vertical.entries()) {
    for (const [x, columns] of horizontal.entries()) {
      const k = rows.taps.length * columns.taps.length * outChannels;
      const address = to;
      for (const [i, tapY] of rows.taps.entries()) {
        for (const [j, tapX] of columns.taps.entries()) {
          const from = filter + (tapY * filterWidth + tapX) * inChannels * outChannels * 4;
          const at = address + (i * columns.taps.length + j) * outChannels * panelBytes;
          packing.push([at, from, 1, outChannels, outChannels, inChannels, k]);
        }
      }
      to += packedBytes(k, inChannels);
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
      products.push([table, { address, start, columns: inChannels, k, scratch }]);
    }
  }
  if (call.partsFor(8 * values) > 1) {
    runInTurns(call, 'packMatrix', packing);
  } else {
    for (const part of packing) call.wasm.packMatrix(...part);
  }
  gatherMultiply(call, products);
}
