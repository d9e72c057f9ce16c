import { packColumns, packRows } from './gemm-pack';
import { COLUMN_BYTES, multiplyTile, ROW_BYTES, TILE_COLUMNS, TILE_ROWS } from './gemm-tile';

/** Rows of A packed at a time: with BLOCK_K they fill a part of the second-level cache. */
export const BLOCK_TILES = 32;
/**
 * The most of k that is packed at a time: one panel of B and a tile of A then stay in the
 * first-level cache.
 */
export const BLOCK_K = 384;

/**
 * How much of k one block takes, so that all blocks are about equal. It depends on k alone, as sums
 * do.
 */
@inline
export function blockOf(k: i32): i32 {
  const blocks = max(1, (k + BLOCK_K - 1) / BLOCK_K);
  return (k + blocks - 1) / blocks;
}

const ADDRESS_BYTES = BLOCK_TILES * TILE_ROWS * 4;

/** Bytes of scratch that {@link gemm} needs. */
export function gemmScratch(): i32 {
  return BLOCK_TILES * BLOCK_K * ROW_BYTES + ADDRESS_BYTES + 64;
}

/**
 * Packs B for {@link gemm}, into as many bytes as kernels/packed-bytes.ts says: `k` rows by `n`
 * columns, steps in values.
 *
 * @param panelK - Rows of the whole of B: more than `k` where it is packed in parts, each `k` · 32
 *   bytes after the last.
 */
export function packMatrix(
  to: usize,
  b: usize,
  stepK: i32,
  columnStep: i32,
  k: i32,
  n: i32,
  panelK: i32,
): void {
  packColumns(to, b, <usize>stepK << 2, <usize>columnStep << 2, k, n, panelK);
}

/**
 * C = start + A · B, or C += A · B where `start` is 0, for rows of A and C that are neighbors in
 * memory or not, and a packed B.
 *
 * Each value of C is the sum of the blocks of k, in order, and depends on its own row and column
 * only: any split of the rows or the columns over threads gives the same bits.
 *
 * @param c - `m` rows of `n` values, dense in each row.
 * @param cStep - Values from one row of C to the next.
 * @param a - `m` rows of `k` values.
 * @param aStep - Values from one row of A to the next.
 * @param aStepK - Values from one of A's columns to the next; this or `aStep` is 1 in the fast
 *   cases.
 * @param b - What {@link packMatrix} made.
 * @param start - What the sums are added to, for each column, filled up to a multiple of eight; 0
 *   to add them to C.
 * @param scratch - {@link gemmScratch} bytes.
 */
export function gemm(
  c: usize,
  cStep: i32,
  a: usize,
  aStep: i32,
  aStepK: i32,
  b: usize,
  start: usize,
  m: i32,
  n: i32,
  k: i32,
  scratch: usize,
): void {
  const addresses = scratch;
  const segment = scratch + ADDRESS_BYTES;
  const packed = segment + 64;
  const blockK = blockOf(k);
  for (let m0 = 0; m0 < m; m0 += BLOCK_TILES * TILE_ROWS) {
    const rows = min(m - m0, BLOCK_TILES * TILE_ROWS);
    for (let i = 0; i < rows; i++) {
      store<u32>(addresses + (i << 2), c + (<usize>(m0 + i) * <usize>cStep << 2));
    }
    const aBlock = a + (<usize>m0 * <usize>aStep << 2);
    // Once even for k = 0, which writes `start`.
    let k0 = 0;
    do {
      const depth = min(k - k0, blockK);
      const aPart = aBlock + (<usize>k0 * <usize>aStepK << 2);
      const tileBytes = <usize>depth * ROW_BYTES;
      for (let i = 0; i < rows; i += TILE_ROWS) {
        packRows(
          packed + <usize>(i / TILE_ROWS) * tileBytes,
          aPart + (<usize>i * <usize>aStep << 2),
          <usize>aStep << 2,
          <usize>aStepK << 2,
          min(rows - i, TILE_ROWS),
          depth,
        );
      }
      store<u32>(segment, k0 * COLUMN_BYTES);
      store<u32>(segment, depth, 4);
      for (let j = 0; j < n; j += TILE_COLUMNS) {
        const panel = b + <usize>j * <usize>k * (COLUMN_BYTES / TILE_COLUMNS);
        const column = <usize>j << 2;
        for (let i = 0; i < rows; i += TILE_ROWS) {
          multiplyTile(
            packed + <usize>(i / TILE_ROWS) * tileBytes,
            panel,
            segment,
            segment + 8,
            addresses + (i << 2),
            column,
            k0 == 0 && start != 0 ? start + column : 0,
            rows - i,
            n - j,
          );
        }
      }
      k0 += blockK;
    } while (k0 < k);
  }
}
