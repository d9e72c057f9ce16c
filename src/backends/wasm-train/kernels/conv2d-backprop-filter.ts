import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { convolutionOf, forwardTable, writeGatherTable } from './convolution.ts';
import type { Convolution, ConvolutionAttributes, GatherTable } from './convolution.ts';
import { startRow } from './fused-epilogue.ts';
import { ranges } from './split.ts';
import { winogradFilterGradient } from './winograd.ts';
import { plannedWinograd } from './winograd-plan.ts';

type Attributes = ConvolutionAttributes & { readonly filterShape: number[] };

/** Tiles per part, so that packing the gradient costs little compared with their products. */
const tilesWorthPacking = 64;

/** The gradient of a convolution's filter. @internal */
export const conv2dBackpropFilterKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x' | 'dy'>, Attributes>(
    tf.Conv2DBackpropFilter,
    (call, { x, dy }, attributes) => {
      const sizes = sizesOf({ x, dy }, attributes);
      if (sizes === undefined) return undefined;
      const xAddress = call.input(x);
      const dyAddress = call.input(dy);
      const { tensor, address } = call.output(attributes.filterShape, 'float32');
      const plan = plannedWinograd(call, sizes, 'forward');
      const images = { high: xAddress, low: dyAddress };
      if (plan !== undefined && winogradFilterGradient(call, plan, images, address)) return tensor;
      const table = forwardTable(sizes, xAddress, dyAddress);
      sumPlaces(call, sizes, table, address);
      // A non-finite gradient times the zero of a pixel outside is NaN in the sum.
      if (!call.wasm.areFinite(address, tf.util.sizeFromShape(attributes.filterShape))) {
        sumPlaces(call, sizes, { ...table, exact: true }, address);
      }
      return tensor;
    },
    // A fused convolution's gradient calls this even if the filter's gradient is not requested: in
    // a generator's update, for each filter of the discriminator.
    (inputs, attributes) =>
      sizesOf(inputs, attributes) === undefined ? undefined : attributes.filterShape,
  ),
];

/** For each tap and pair of channels, the sum over all positions. */
function sumPlaces(
  call: KernelCall,
  sizes: Convolution,
  gather: GatherTable,
  address: number,
): void {
  const { wasm } = call;
  const n = sizes.outChannels;
  const zeros = startRow(call, n);
  const table = writeGatherTable(call, gather);
  const bytes = wasm.filterGradientScratch(n);
  const scratch = call.scratch(bytes * call.threads);
  const tiles = wasm.filterGradientTiles(table);
  const places = sizes.batchSize * sizes.outHeight * sizes.outWidth;
  const worth = call.partsFor(10 * tiles * places * n);
  // Every part packs the whole gradient again.
  const parts = Math.min(worth, Math.max(call.threads, Math.floor(tiles / tilesWorthPacking)));
  call.runParts(
    'filterGradient',
    ranges(tiles, 1, parts).map(({ first, count }) => [
      ...([table, address, zeros, n, first, first + count, scratch] as const),
    ]),
    { argument: 6, bytes },
  );
}

function sizesOf({ x, dy }: Inputs<'x' | 'dy'>, attributes: Attributes): Convolution | undefined {
  if (x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
  const sizes = convolutionOf(x.shape, attributes.filterShape, attributes);
  return tf.util.arraysEqual(dy.shape, sizes?.outShape ?? []) ? sizes : undefined;
}
