import type { KernelExports } from '../kernels-binary.ts';
import type { KernelCall } from '../wasm-kernel.ts';
import { control } from '../worker-source.ts';
import { gatherTiles, tileRows, writeGatherTable } from './convolution.ts';
import type { GatherTable } from './convolution.ts';
import { ranges, runInTurns } from './split.ts';

/** The packed columns that a gathered matrix is multiplied by. @internal */
export interface PackedColumns {
  /** The output of `packMatrix`. */
  readonly address: number;
  /** The start values of the sums, one for each column. */
  readonly start: number;
  readonly columns: number;
  /** The number of products in each sum. */
  readonly k: number;
  /** {@link gatherScratch}. */
  readonly scratch: number;
}

/** Scratch memory for {@link gatherMultiply}, with a block for each thread. @internal */
export function gatherScratch(call: KernelCall): number {
  return call.scratch(call.wasm.gatherScratch() * call.threads);
}

/** A gathered matrix and the columns it is multiplied by. @internal */
export type GatherProduct = readonly [table: GatherTable, packed: PackedColumns];

/**
 * Multiplies the patches at the positions of a table by packed columns, for one table or several.
 * All threads share the positions.
 *
 * @internal
 */
export function gatherMultiply(call: KernelCall, products: readonly GatherProduct[]): void {
  const most = Math.max(1, Math.floor(control.mostParts / products.length));
  let all = 0;
  const parts = products.flatMap(([table, { address, start, columns, k, scratch }]) => {
    const tiles = gatherTiles(table);
    const operations = 2 * tiles * tileRows * k * columns;
    all += operations;
    const written = writeGatherTable(call, table);
    return ranges(tiles, 1, Math.min(most, call.partsFor(operations))).map(
      ({ first, count }) =>
        [written, address, start, columns, first, first + count, scratch] as Parameters<
          KernelExports['gatherMultiply']
        >,
    );
  });
  runInTurns(call, 'gatherMultiply', parts, all, {
    argument: 6,
    bytes: call.wasm.gatherScratch(),
  });
}
