import type { KernelCall } from '../wasm-kernel.ts';
import { ranges } from './split.ts';

/** A matrix in memory: steps in values from one row, and from one column, to the next. @internal */
export interface Matrix {
  readonly address: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Columns of a packed panel, as in assembly/gemm-tile.ts. */
const panelColumns = 8;

/**
 * Packs the right side of a product into panels of columns, on all threads.
 *
 * @param target - Address of `packedBytes` bytes.
 * @internal
 */
export function packMatrix(call: KernelCall, target: number, matrix: Matrix): void {
  const { address, rows, columns, rowStep, columnStep } = matrix;
  call.runParts(
    'packMatrix',
    ranges(columns, panelColumns, call.partsFor(8 * rows * columns)).map(({ first, count }) => [
      ...([target + first * rows * 4, address + first * columnStep * 4] as const),
      ...([rowStep, columnStep, rows, count, rows] as const),
    ]),
  );
}
