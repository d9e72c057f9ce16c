/** Columns and bytes of a step of k in a packed panel, as in assembly/gemm-tile.ts. */
const panelColumns = 8;
const stepBytes = 32;

/**
 * Bytes that the packed form of a matrix of `k` rows and `n` columns takes.
 *
 * Reckoned here and not in WebAssembly, so that more than 2³² is refused as too much and not taken for little.
 *
 * @internal
 */
export function packedBytes(k: number, n: number): number {
  return Math.ceil(n / panelColumns) * k * stepBytes;
}
