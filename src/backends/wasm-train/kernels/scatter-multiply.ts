import type { KernelCall } from '../wasm-kernel.ts';
import { writeGatherTable } from './convolution.ts';
import type { GatherTable } from './convolution.ts';
import { ranges } from './split.ts';

/** The number of images that are summed side by side. */
const lanes = 8;

/**
 * Whether {@link scatterMultiply} is faster for an image with so few channels. Compares the padding
 * of both ways, and the cost of summing the products with that of computing them.
 *
 * @param channels - Channels of the image to compute.
 * @param batch - The number of images.
 * @param taps - Taps of the filter.
 * @param depth - Channels of the image to read.
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
 * Computes an image from the positions that read it: a {@link GatherTable} in reverse.
 *
 * @param table - Its source is written, its target is read.
 * @param filter - Address of the filter as
 * `[taps, channels of the source, channels of the target]`.
 * @internal
 */
export function scatterMultiply(call: KernelCall, table: GatherTable, filter: number): void {
  const { wasm } = call;
  const { source, target, batch } = table;
  const values = source.height * source.width * source.channels;
  const seen = target.height * target.width * target.channels;
  const taps = table.offsetsY.length * table.offsetsX.length;
  const [gridHeight, gridWidth] = table.grid;
  const products = batch * gridHeight * gridWidth * taps * source.channels * target.channels;
  const columnBytes = (taps * source.channels + target.channels + 1) * 4;
  // Each part has its own images, tables and scratch memory, so there are no more parts than
  // threads.
  const runs = ranges(batch, lanes, Math.min(call.threads, call.partsFor(2 * products)));
  const rooms = runs.map(({ first, count }) => {
    const from = { ...target, address: target.address + first * seen * 4 };
    const written = writeGatherTable(call, { ...table, target: from, batch: count });
    const sums = call.scratch(values * Math.ceil(count / lanes) * lanes * 4);
    const scratch = call.scratch(wasm.scatterColumns(count) * columnBytes + wasm.gemmScratch());
    return { written, sums, scratch, to: source.address + first * values * 4, count };
  });
  call.runParts(
    'scatterMultiply',
    rooms.map(({ written, sums, scratch }) => [written, sums, filter, target.channels, scratch]),
  );
  // [pixels · channels, images] → [images, pixels · channels]
  call.runParts(
    'copyStrided',
    rooms.map(({ to, sums, count }) => [
      ...([to, sums, 1, 1, count, values] as const),
      ...([0, 0, values, 1, 0, 0, 1, Math.ceil(count / lanes) * lanes] as const),
    ]),
  );
}
