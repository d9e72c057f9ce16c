import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, WasmKernel } from '../wasm-kernel.ts';
import type { ConvolutionAttributes } from './convolution.ts';
import { activate, addBias, isKnownEpilogue } from './fused-epilogue.ts';
import type { Epilogue } from './fused-epilogue.ts';
import { runOver } from './split.ts';
import { isOfResults, isWindow, windowOperations, writeWindow } from './window.ts';
import type { WindowSizes } from './window.ts';

type FusedInputs = Inputs<'x' | 'filter'> & Pick<Epilogue, 'bias' | 'preluActivationWeights'>;
type FusedAttributes = ConvolutionAttributes & Pick<Epilogue, 'activation' | 'leakyreluAlpha'>;

/** Depthwise convolutions and their gradients. @internal */
export const depthwiseKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'x' | 'filter'>, ConvolutionAttributes>(
    tf.DepthwiseConv2dNative,
    (call, { x, filter }, attributes) => forward(call, x, filter, attributes, {}),
  ),
  wasmKernel<FusedInputs, FusedAttributes>(
    tf.FusedDepthwiseConv2D,
    (call, { x, filter, bias, preluActivationWeights }, attributes) => {
      const { activation, leakyreluAlpha } = attributes;
      const epilogue = { bias, preluActivationWeights, activation, leakyreluAlpha };
      return forward(call, x, filter, attributes, epilogue);
    },
  ),

  wasmKernel<Inputs<'dy' | 'filter'>, ConvolutionAttributes & { readonly inputShape: number[] }>(
    tf.DepthwiseConv2dNativeBackpropInput,
    (call, { dy, filter }, attributes) => {
      const sizes = sizesOf(attributes.inputShape, filter.shape, attributes);
      if (sizes === undefined || filter.dtype !== 'float32' || !isOfResults(dy, sizes))
        return undefined;
      const gradients = call.input(dy);
      const weights = call.input(filter);
      const { tensor, address } = call.output(attributes.inputShape, 'float32');
      const window = writeWindow(call, sizes, address, gradients);
      const rows = sizes.batchSize * sizes.inHeight;
      runOver(call, 'depthwiseInputGradient', [window, weights], rows, windowOperations(sizes));
      return tensor;
    },
  ),

  wasmKernel<Inputs<'x' | 'dy'>, ConvolutionAttributes & { readonly filterShape: number[] }>(
    tf.DepthwiseConv2dNativeBackpropFilter,
    (call, { x, dy }, attributes) => {
      const sizes = sizesOf(x.shape, attributes.filterShape, attributes);
      if (sizes === undefined || x.dtype !== 'float32' || !isOfResults(dy, sizes)) return undefined;
      const images = call.input(x);
      const gradients = call.input(dy);
      const { tensor, address } = call.output(attributes.filterShape, 'float32');
      const window = writeWindow(call, sizes, images, gradients);
      const taps = sizes.filterHeight * sizes.filterWidth;
      const operations = windowOperations(sizes);
      const before: [number, number, number] = [window, address, sizes.batchSize];
      runOver(call, 'depthwiseFilterGradient', before, taps, operations);
      return tensor;
    },
  ),
];

function forward(
  call: KernelCall,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  attributes: ConvolutionAttributes,
  epilogue: Epilogue,
): tf.TensorInfo | undefined {
  const sizes = sizesOf(x.shape, filter.shape, attributes);
  if (sizes === undefined || !isKnownEpilogue(epilogue)) return undefined;
  if (x.dtype !== 'float32' || filter.dtype !== 'float32') return undefined;
  const images = call.input(x);
  const weights = call.input(filter);
  const { tensor, address } = call.output(sizes.outShape, 'float32');
  const window = writeWindow(call, sizes, images, address);
  const rows = sizes.batchSize * sizes.outHeight;
  runOver(call, 'depthwise', [window, weights], rows, windowOperations(sizes));
  addBias(call, address, sizes.outShape, epilogue.bias);
  activate(call, address, sizes.outShape, epilogue);
  return tensor;
}

function sizesOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat, dilations, dimRoundingMode }: ConvolutionAttributes,
): WindowSizes | undefined {
  // cpu's kernel throws the error.
  if (!tf.backend_util.eitherStridesOrDilationsAreOne(strides, dilations ?? 1)) return undefined;
  // The gradients' kernels receive no format: there is only one.
  if ((dataFormat as string | undefined) === 'NCHW') return undefined;
  const sizes = tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  return isWindow(sizes) ? sizes : undefined;
}
