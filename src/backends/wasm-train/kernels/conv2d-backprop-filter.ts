import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';
import { convolutionOf, forwardTable, writeGatherTable } from './convolution.ts';
import type { ConvolutionAttributes } from './convolution.ts';
import { startRow } from './fused-epilogue.ts';

type Attributes = ConvolutionAttributes & { readonly filterShape: number[] };

/** The gradient of a convolution's filter. @internal */
export const conv2dBackpropFilterKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x' | 'dy'>, Attributes>(
    tf.Conv2DBackpropFilter,
    (call, { x, dy }, attributes) => {
      if (x.dtype !== 'float32' || dy.dtype !== 'float32') return undefined;
      const sizes = convolutionOf(x.shape, attributes.filterShape, attributes);
      if (sizes === undefined || !tf.util.arraysEqual(dy.shape, sizes.outShape)) return undefined;
      const { wasm } = call;
      const xAddress = call.input(x);
      const dyAddress = call.input(dy);
      const { tensor, address } = call.output(attributes.filterShape, 'float32');
      const zeros = startRow(call, sizes.outChannels);
      const table = writeGatherTable(call, forwardTable(sizes, xAddress, dyAddress));
      const scratch = call.scratch(wasm.filterGradientScratch(sizes.outChannels));
      const tiles = wasm.filterGradientTiles(table);
      wasm.filterGradient(table, address, zeros, sizes.outChannels, 0, tiles, scratch);
      return tensor;
    },
  ),
];
