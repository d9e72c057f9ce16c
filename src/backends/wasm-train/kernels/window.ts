import * as tf from '@tensorflow/tfjs';
import type { KernelCall } from '../wasm-kernel.ts';

/** The sizes of a sliding window. @internal */
export type WindowSizes = tf.backend_util.Conv2DInfo;

/**
 * Writes a Window of assembly/window.ts to scratch memory.
 *
 * @param input - Address of the images to read.
 * @param output - Address of the results.
 * @returns Its address.
 * @internal
 */
export function writeWindow(
  call: KernelCall,
  sizes: WindowSizes,
  input: number,
  output: number,
): number {
  const fields = [
    ...[input, output, sizes.inHeight, sizes.inWidth, sizes.inChannels],
    ...[sizes.outHeight, sizes.outWidth, sizes.filterHeight, sizes.filterWidth],
    ...[sizes.strideHeight, sizes.strideWidth, sizes.dilationHeight, sizes.dilationWidth],
    ...[sizes.padInfo.top, sizes.padInfo.left, sizes.outChannels / sizes.inChannels],
  ];
  const address = call.scratch(fields.length * 4);
  call.view('int32', address, fields.length).set(fields);
  return address;
}

/** Whether a window is channels-last and not empty. @internal */
export function isWindow({ dataFormat, inShape, outShape, filterShape }: WindowSizes): boolean {
  const sides = [...inShape, ...outShape, ...filterShape];
  return dataFormat === 'channelsLast' && sides.every((side) => side > 0);
}

/** Whether a gradient is one of the results. @internal */
export function isOfResults(dy: tf.TensorInfo, { outShape }: WindowSizes): boolean {
  return dy.dtype === 'float32' && tf.util.arraysEqual(dy.shape, outShape);
}

/**
 * The operations of a kernel: a value read and compared, or multiplied and added, counts like one
 * read, changed and written.
 *
 * @internal
 */
export function windowOperations({ outShape, filterHeight, filterWidth }: WindowSizes): number {
  return 8 * tf.util.sizeFromShape(outShape) * filterHeight * filterWidth;
}
