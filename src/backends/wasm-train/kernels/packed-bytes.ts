/** Columns and bytes of a step of k in a packed panel, as in assembly/gemm-tile.ts. */
const panelColumns = 8;
const stepBytes = 32;

/**
 * The bytes of the packed form of a matrix of `k` rows and `n` columns.
 *
 * Computed here and not in WebAssembly, so that more than 2³² fails as too large and does not wrap
 * around.
 *
 * @internal
 */
export function packedBytes(k: number, n: number): number {
  return Math.ceil(n / panelColumns) * k * stepBytes;
}
