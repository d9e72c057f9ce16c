import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import { convolutionOf, forwardTable, writeGatherTable } from './convolution.ts';
import type { ConvolutionAttributes } from './convolution.ts';
import { applyEpilogue, isKnownEpilogue, startRow } from './fused-epilogue.ts';
import type { Epilogue } from './fused-epilogue.ts';

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
  const { batchSize, outHeight, outWidth, inChannels, outChannels } = sizes;
  const { wasm } = call;
  const shape = [batchSize, outHeight, outWidth, outChannels];
  const xAddress = call.input(x);
  const filterAddress = call.input(filter);
  const { tensor, address } = call.output(shape, 'float32');
  const start = startRow(call, outChannels, epilogue.bias);

  const k = sizes.filterHeight * sizes.filterWidth * inChannels;
  const packed = call.scratch(wasm.packedBytes(k, outChannels));
  const table = writeGatherTable(call, forwardTable(sizes, xAddress, address));
  const scratch = call.scratch(wasm.gatherScratch());
  wasm.packMatrix(packed, filterAddress, outChannels, 1, k, outChannels, k);
  const tiles = Math.ceil((batchSize * outHeight * outWidth) / 5);
  wasm.gatherMultiply(table, packed, start, outChannels, 0, tiles, scratch);

  applyEpilogue(call, address, shape, epilogue);
  return tensor;
}
