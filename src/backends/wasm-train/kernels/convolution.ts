import * as tf from '@tensorflow/tfjs';
import type { KernelCall } from '../wasm-kernel.ts';

/** The sizes of a convolution of channels-last tensors. @internal */
export type Convolution = Pick<
  tf.backend_util.Conv2DInfo,
  | 'batchSize'
  | 'inHeight'
  | 'inWidth'
  | 'inChannels'
  | 'outShape'
  | 'outHeight'
  | 'outWidth'
  | 'outChannels'
  | 'filterHeight'
  | 'filterWidth'
  | 'strideHeight'
  | 'strideWidth'
  | 'dilationHeight'
  | 'dilationWidth'
  | 'padInfo'
>;

/** The attributes of tfjs's convolution kernels. @internal */
export interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Computes a convolution's sizes.
 *
 * @returns The sizes, or `undefined` for the cases left to cpu: channels first, and empty tensors.
 * @internal
 */
export function convolutionOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvolutionAttributes,
): Convolution | undefined {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes;
  if (dataFormat === 'NCHW') return undefined;
  const sizes = tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
  );
  const empty = [sizes.inShape, sizes.outShape, sizes.filterShape].some((shape) =>
    shape.some((side) => side <= 0),
  );
  return empty ? undefined : sizes;
}

/** An image tensor `[batch, height, width, channels]` in memory. @internal */
export interface ImageTensor {
  readonly address: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * The taps of a {@link GatherTable} along one axis: the source position of each for the
 * first grid position.
 */
type Offsets = readonly number[];

/** The Gather of assembly/conv-gather.ts. @internal */
export interface GatherTable {
  readonly source: ImageTensor;
  /**
   * The grid's positions are every `targetStep`-th pixel of this image, starting at `targetOrigin`.
   */
  readonly target: ImageTensor;
  readonly targetOrigin: readonly [y: number, x: number];
  readonly targetStep: readonly [y: number, x: number];
  readonly batch: number;
  readonly grid: readonly [height: number, width: number];
  /** Source pixels from one position of the grid to the next. */
  readonly step: readonly [y: number, x: number];
  readonly offsetsY: Offsets;
  readonly offsetsX: Offsets;
  /**
   * Whether to avoid products with the zeros of pixels outside the image, as infinities and NaN
   * require. Rows computed together then share the same taps, at the cost of duplicate work.
   */
  readonly exact?: boolean;
}

/** Rows of a tile, as in assembly/gemm-tile.ts. @internal */
export const tileRows = 5;

/** The number of tiles of rows that {@link gatherMultiply} computes for a table. @internal */
export function gatherTiles(table: GatherTable): number {
  const [height, width] = table.grid;
  return Math.ceil((rowsPerPlace(table) * height * width) / tileRows);
}

function rowsPerPlace({ batch, exact = false }: GatherTable): number {
  return exact ? Math.ceil(batch / tileRows) * tileRows : batch;
}

/** Fields before the table's groups, as in assembly/conv-gather.ts. */
const fieldCount = 19;

/** Writes a table to scratch memory. @returns Its address. @internal */
export function writeGatherTable(call: KernelCall, table: GatherTable): number {
  const { source, target, targetOrigin, targetStep, grid, step, offsetsY, offsetsX } = table;
  // Taps that are adjacent in the source are read as one run.
  const oneRun =
    table.exact !== true && offsetsX.every((offset, i) => offset === (offsetsX[0] ?? 0) + i);
  const groupsX = oneRun ? offsetsX.slice(0, 1) : offsetsX;
  const groups = offsetsY.flatMap((y) => groupsX.map((x) => [y, x]));
  const sourceSteps = stepsOf(source);
  const targetSteps = stepsOf(target);
  const fields = [
    ...[source.address, sourceSteps.image, sourceSteps.row, sourceSteps.pixel],
    ...[source.height, source.width, source.channels],
    target.address + targetOrigin[0] * targetSteps.row + targetOrigin[1] * targetSteps.pixel,
    ...[targetSteps.image, targetStep[0] * targetSteps.row, targetStep[1] * targetSteps.pixel],
    ...[table.batch, ...grid, ...step],
    ...[groups.length, oneRun ? offsetsX.length : 1, rowsPerPlace(table)],
  ];
  const length = fieldCount + 2 * groups.length;
  const address = call.scratch(length * 4);
  call.view('int32', address, length).set([...fields, ...groups.flat()]);
  return address;
}

/** Bytes from one image, row and pixel to the next. */
function stepsOf({ height, width, channels }: ImageTensor): {
  readonly image: number;
  readonly row: number;
  readonly pixel: number;
} {
  const pixel = channels * 4;
  return { image: height * width * pixel, row: width * pixel, pixel };
}

/**
 * The table of a forward convolution; its target is the output, or the output's gradient.
 *
 * @internal
 */
export function forwardTable(
  sizes: Convolution,
  inputAddress: number,
  outputAddress: number,
): GatherTable {
  const { filterHeight, filterWidth, dilationHeight, dilationWidth, padInfo } = sizes;
  const offsets = (taps: number, dilation: number, pad: number): number[] =>
    Array.from({ length: taps }, (_, tap) => tap * dilation - pad);
  return {
    source: inputImage(sizes, inputAddress),
    target: outputImage(sizes, outputAddress),
    targetOrigin: [0, 0],
    targetStep: [1, 1],
    batch: sizes.batchSize,
    grid: [sizes.outHeight, sizes.outWidth],
    step: [sizes.strideHeight, sizes.strideWidth],
    offsetsY: offsets(filterHeight, dilationHeight, padInfo.top),
    offsetsX: offsets(filterWidth, dilationWidth, padInfo.left),
  };
}

/** @internal */
export function inputImage(sizes: Convolution, address: number): ImageTensor {
  return {
    address,
    height: sizes.inHeight,
    width: sizes.inWidth,
    channels: sizes.inChannels,
  };
}

/** @internal */
export function outputImage(sizes: Convolution, address: number): ImageTensor {
  return {
    address,
    height: sizes.outHeight,
    width: sizes.outWidth,
    channels: sizes.outChannels,
  };
}
