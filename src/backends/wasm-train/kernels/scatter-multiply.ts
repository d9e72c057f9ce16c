import type { KernelCall } from '../wasm-kernel.ts';
import { writeGatherTable } from './convolution.ts';
import type { GatherTable } from './convolution.ts';

/**
 * Whether an image of so few channels is better made by {@link scatterMultiply}: what both ways multiply beyond need,
 * and what adding up the products costs beside making them.
 *
 * @param channels - Channels of the image to be made.
 * @param batch - How many images.
 * @param taps - Taps of the filter.
 * @param depth - Channels of the image to be read.
 * @internal
 */
export function prefersScatter(
  channels: number,
  batch: number,
  taps: number,
  depth: number,
): boolean {
  const rows = taps * channels;
  const scattered = padding(rows, 5) * padding(batch, 8) * (1.05 + 8 / depth);
  return scattered < padding(channels, 8);
}

function padding(count: number, unit: number): number {
  return (Math.ceil(count / unit) * unit) / count;
}

/**
 * Makes an image from the places that see it: a {@link GatherTable} read backwards.
 *
 * @param table - Its source is made, its target is read.
 * @param filter - Address of the filter as `[taps, channels of the source, channels of the target]`.
 * @internal
 */
export function scatterMultiply(call: KernelCall, table: GatherTable, filter: number): void {
  const { wasm } = call;
  const { batch } = table;
  const { address, height, width, channels } = table.source;
  const depth = table.target.channels;
  const written = writeGatherTable(call, table);
  const values = height * width * channels;
  const lanes = Math.ceil(batch / 8) * 8;
  const taps = table.offsetsY.length * table.offsetsX.length;
  const columnBytes = (taps * channels + depth + 1) * 4;
  const sums = call.scratch(values * lanes * 4);
  const scratch = call.scratch(wasm.scatterColumns(batch) * columnBytes + wasm.gemmScratch());
  wasm.scatterMultiply(written, sums, filter, depth, scratch);
  // [pixels · channels, images] → [images, pixels · channels]
  wasm.copyStrided(address, sums, 1, 1, batch, values, 0, 0, values, 1, 0, 0, 1, lanes);
}
