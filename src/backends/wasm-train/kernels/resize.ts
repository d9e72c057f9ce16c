import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, KernelCall, KernelName, WasmKernel } from '../wasm-kernel.ts';
import { runOver } from './split.ts';

type Shape4D = [batch: number, height: number, width: number, channels: number];
type Resizing = Extract<KernelName, 'resizeNearest' | 'resizeNearestGradient' | 'resizeBilinear'>;

/** The gradient receives the attributes of the resizing. */
type NearestGradientAttributes = tf.ResizeNearestNeighborGradAttrs & {
  readonly halfPixelCenters?: boolean;
};

/**
 * Resizing, and the gradient of nearest-neighbor resizing; the bilinear gradient is in JavaScript.
 *
 * @internal
 */
export const resizeKernels: readonly WasmKernel[] = [
  resizing(tf.ResizeNearestNeighbor, 'resizeNearest', nearest),

  // cpu's kernel mixes the gradients of several images, and lacks halfPixelCenters.
  wasmKernel<Inputs<'images' | 'dy'>, NearestGradientAttributes>(
    tf.ResizeNearestNeighborGrad,
    (call, { images, dy }, { alignCorners, halfPixelCenters }) => {
      if (!areFloats(images, dy) || !isAny(images.shape, dy.shape)) return undefined;
      const [, height, width] = images.shape as Shape4D;
      const [, gradientHeight, gradientWidth] = dy.shape as Shape4D;
      const from = call.input(dy);
      const { tensor, address } = call.output(images.shape, 'float32');
      const rows = nearest(call, height, gradientHeight, alignCorners, halfPixelCenters);
      const columns = nearest(call, width, gradientWidth, alignCorners, halfPixelCenters);
      const addresses = [address, from, rows, columns] as const;
      resize(call, 'resizeNearestGradient', addresses, images.shape, dy.shape);
      return tensor;
    },
  ),

  resizing(tf.ResizeBilinear, 'resizeBilinear', between),
];

/** Resizes images by a table of the source rows of each row, and one of columns. */
function resizing(
  name: string,
  kernel: 'resizeNearest' | 'resizeBilinear',
  table: typeof nearest,
): WasmKernel {
  return wasmKernel<Inputs<'images'>, tf.ResizeBilinearAttrs>(
    name,
    (call, { images }, { alignCorners, halfPixelCenters, size }) => {
      const [batch, height, width, channels] = images.shape as Shape4D;
      const result: Shape4D = [batch, ...size, channels];
      if (!areFloats(images) || !isAny(images.shape, result)) return undefined;
      const from = call.input(images);
      const { tensor, address } = call.output(result, 'float32');
      const rows = table(call, height, size[0], alignCorners, halfPixelCenters);
      const columns = table(call, width, size[1], alignCorners, halfPixelCenters);
      resize(call, kernel, [address, from, rows, columns], images.shape, result);
      return tensor;
    },
  );
}

/** Runs a kernel over the rows of all images, or over the images if it accumulates. */
function resize(
  call: KernelCall,
  kernel: Resizing,
  addresses: readonly [target: number, x: number, rows: number, columns: number],
  original: readonly number[],
  resized: readonly number[],
): void {
  const [batch, height, width, channels] = original as Shape4D;
  const [, newHeight, newWidth] = resized as Shape4D;
  const units = kernel === 'resizeNearestGradient' ? batch : batch * newHeight;
  const sizes = [height, width, newHeight, newWidth, channels] as const;
  const operations = 8 * tf.util.sizeFromShape([...resized]);
  runOver(call, kernel, [...addresses, ...sizes], units, operations);
}

/** Original pixels from one resized pixel to the next, along one axis. */
function ratio(size: number, resized: number, alignCorners: boolean): number {
  const gaps = alignCorners && resized > 1 ? 1 : 0;
  return (size - gaps) / (resized - gaps);
}

/** A table of the source row (or column) of each one, as in cpu's kernel. */
function nearest(
  call: KernelCall,
  size: number,
  resized: number,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): number {
  const step = ratio(size, resized, alignCorners);
  const address = call.scratch(resized * 4);
  const table = call.view('int32', address, resized);
  for (let i = 0; i < resized; i++) {
    const place = halfPixelCenters ? step * (i + 0.5) : step * i;
    const rounded = alignCorners ? Math.round(place) : Math.floor(place);
    table[i] = Math.max(0, Math.min(size - 1, rounded));
  }
  return address;
}

/**
 * A table of the two source rows (or columns) of each one, and its fraction of the way to the
 * second, as in cpu's kernel.
 */
function between(
  call: KernelCall,
  size: number,
  resized: number,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): number {
  const step = ratio(size, resized, alignCorners);
  const address = call.scratch(resized * 12);
  const indices = call.view('int32', address, resized * 3);
  const fractions = call.view('float32', address, resized * 3);
  for (let i = 0; i < resized; i++) {
    const place = halfPixelCenters ? step * (i + 0.5) - 0.5 : step * i;
    const low = Math.max(0, Math.floor(place));
    indices[3 * i] = low;
    indices[3 * i + 1] = Math.min(size - 1, Math.ceil(place));
    fractions[3 * i + 2] = place - low;
  }
  return address;
}

function areFloats(...tensors: readonly tf.TensorInfo[]): boolean {
  return tensors.every(({ dtype }) => dtype === 'float32');
}

function isAny(...shapes: readonly (readonly number[])[]): boolean {
  return shapes.flat().every((side) => side > 0);
}
