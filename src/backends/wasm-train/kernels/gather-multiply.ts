import type { KernelCall } from '../wasm-kernel.ts';
import { writeGatherTable } from './convolution.ts';
import type { GatherTable } from './convolution.ts';
import { ranges } from './split.ts';

/** Rows of a tile, as in assembly/gemm-tile.ts. */
const tileRows = 5;

/** The packed columns that a gathered matrix is multiplied by. @internal */
export interface PackedColumns {
  /** What `packMatrix` made. */
  readonly address: number;
  /** What the sums are added to, for each column. */
  readonly start: number;
  readonly columns: number;
  /** How many products each sum has. */
  readonly k: number;
  /** {@link gatherScratch}. */
  readonly scratch: number;
}

/** Scratch memory for {@link gatherMultiply}, of each thread its own. @internal */
export function gatherScratch(call: KernelCall): number {
  return call.scratch(call.wasm.gatherScratch() * call.threads);
}

/**
 * Multiplies what the places of a table see by packed columns, on all threads, each a part of the places.
 *
 * @internal
 */
export function gatherMultiply(call: KernelCall, table: GatherTable, packed: PackedColumns): void {
  const { address, start, columns, k, scratch } = packed;
  const places = table.batch * table.grid[0] * table.grid[1];
  const parts = call.partsFor(2 * places * k * columns);
  const written = writeGatherTable(call, table);
  call.runParts(
    'gatherMultiply',
    ranges(Math.ceil(places / tileRows), 1, parts).map(({ first, count }) => [
      ...([written, address, start, columns, first, first + count, scratch] as const),
    ]),
    { argument: 6, bytes: call.wasm.gatherScratch() },
  );
}
