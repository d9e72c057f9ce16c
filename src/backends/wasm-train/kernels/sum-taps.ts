import type * as tf from '@tensorflow/tfjs';
import type { KernelCall } from '../wasm-kernel.ts';
import { writeGatherTable } from './convolution.ts';
import type { GatherTable } from './convolution.ts';
import { startRow } from './fused-epilogue.ts';
import { multiplyPacked } from './multiply-packed.ts';
import { packMatrix } from './pack-matrix.ts';
import { packedBytes } from './packed-bytes.ts';

/**
 * Computes an image of few channels from the positions that read it: a {@link GatherTable} in
 * reverse, as one product of all positions and all taps of the filter, whose results are then added
 * to the pixels. Unlike `scatterMultiply` it needs no second image to fill its vectors.
 *
 * @param table - Its source is written, its target is read.
 * @param filter - `[taps, channels of the source, channels of the target]`.
 * @internal
 */
export function multiplyTaps(call: KernelCall, table: GatherTable, filter: tf.TensorInfo): void {
  const { source, target, batch, grid } = table;
  const depth = target.channels;
  const columns = table.offsetsY.length * table.offsetsX.length * source.channels;
  const matrix = {
    address: call.input(filter),
    rows: depth,
    columns,
    rowStep: 1,
    columnStep: depth,
  };
  const packed = call.form(filter, 'taps', packedBytes(depth, columns), (to) => {
    packMatrix(call, to, matrix);
  });
  const rows = batch * grid[0] * grid[1];
  const places = { address: target.address, rows, columns: depth, rowStep: depth, columnStep: 1 };
  const products = call.scratch(rows * columns * 4);
  const scratch = call.scratch(call.wasm.gemmScratch() * call.threads);
  multiplyPacked(call, products, places, columns, {
    packed,
    start: startRow(call, columns),
    scratch,
  });
  call.wasm.sumTaps(writeGatherTable(call, table), products);
}
