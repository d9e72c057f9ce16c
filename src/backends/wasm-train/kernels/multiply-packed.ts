import type { KernelCall } from '../wasm-kernel.ts';
import { tileRows } from './convolution.ts';
import type { Matrix } from './pack-matrix.ts';
import { ranges } from './split.ts';

/** A packed matrix, and what a product by it needs. @internal */
export interface PackedMatrix {
  /** The output of `packMatrix`. */
  readonly packed: number;
  /** The start values of the sums, one for each column. */
  readonly start: number;
  /** Scratch memory with `gemmScratch()` bytes for each thread. */
  readonly scratch: number;
}

/** target = start + a · the packed matrix of `n` columns; splits its longer side. @internal */
export function multiplyPacked(
  call: KernelCall,
  target: number,
  a: Matrix,
  n: number,
  { start, packed, scratch }: PackedMatrix,
): void {
  const { address, rows: m, columns: k, rowStep, columnStep } = a;
  // A tile takes as long for one row as for five.
  const parts = call.partsFor(2 * Math.ceil(m / tileRows) * tileRows * n * k);
  const byRows = m >= n;
  // Tiles have five rows and eight columns; a part of four of them is worth its packing.
  const runs = byRows ? ranges(m, 4 * tileRows, parts) : ranges(n, 32, parts);
  call.runParts(
    'gemm',
    runs.map(({ first, count }) =>
      byRows
        ? [
            ...([
              target + first * n * 4,
              n,
              address + first * rowStep * 4,
              rowStep,
              columnStep,
            ] as const),
            ...([packed, start, count, n, k, scratch] as const),
          ]
        : [
            ...([target + first * 4, n, address, rowStep, columnStep] as const),
            ...([packed + first * k * 4, start + first * 4, m, count, k, scratch] as const),
          ],
    ),
    { argument: 10, bytes: call.wasm.gemmScratch() },
  );
}
