import type { KernelCall } from '../wasm-kernel.ts';
import { writeGatherTable } from './convolution.ts';
import type { GatherTable } from './convolution.ts';
import { ranges } from './split.ts';

/** The number of images that are summed side by side. */
const lanes = 8;

/**
 * How an image with so few channels is computed fastest: by {@link scatterMultiply}, by
 * `multiplyTaps`, or as images of many channels are. Compares the padding of all three ways, and
 * the cost of summing the products with that of computing them.
 *
 * @param channels - Channels of the image to compute.
 * @param batch - The number of images.
 * @param taps - Taps of the filter.
 * @param depth - Channels of the image to read.
 * @param isKept - Whether the packed filter is kept for later calls, which `multiplyTaps` requires:
 * in training, sums keep one order for all batch sizes.
 * @internal
 */
export function wayOfFewChannels(
  channels: number,
  batch: number,
  taps: number,
  depth: number,
  isKept: boolean,
): 'scatter' | 'taps' | undefined {
  const rows = taps * channels;
  const gathered = padding(channels, 8);
  const scattered = padding(rows, 5) * padding(batch, lanes) * (1.05 + 8 / depth);
  const byTaps = isKept ? padding(rows, 8) * (1.05 + 32 / depth) : Infinity;
  if (Math.min(scattered, byTaps) >= gathered) return undefined;
  return byTaps < scattered ? 'taps' : 'scatter';
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
