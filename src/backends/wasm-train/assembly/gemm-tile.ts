/**
 * Rows of a register tile. Five rows of two vectors leave room for the operands in sixteen
 * registers.
 */
export const TILE_ROWS = 5;
/** Columns of a register tile: two vectors. */
export const TILE_COLUMNS = 8;
/** Bytes that one step of k takes in a packed tile of rows. */
export const ROW_BYTES = 20;
/** Bytes that one step of k takes in a packed panel of columns. */
export const COLUMN_BYTES = 32;

/** c + a · b: fused where the module is built for relaxed SIMD, rounded twice elsewhere. */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD
    ? f32x4.relaxed_madd(a, b, c)
    : f32x4.add(c, f32x4.mul(a, b));
}

@inline
function lane(v: v128, index: i32): v128 {
  if (index == 0) return v128.shuffle<f32>(v, v, 0, 0, 0, 0);
  if (index == 1) return v128.shuffle<f32>(v, v, 1, 1, 1, 1);
  if (index == 2) return v128.shuffle<f32>(v, v, 2, 2, 2, 2);
  return v128.shuffle<f32>(v, v, 3, 3, 3, 3);
}

/** to = from + the first `columns` of eight values. */
function storePart(to: usize, from: usize, low: v128, high: v128, columns: i32): void {
  let v = low;
  if (columns >= 4) {
    v128.store(to, f32x4.add(low, v128.load(from)));
    v = high;
    to += 16;
    from += 16;
    columns -= 4;
  }
  if (columns >= 2) {
    v128.store64_lane(to, f32x4.add(v, v128.load64_zero(from)), 0);
    v = v128.shuffle<f32>(v, v, 2, 3, 2, 3);
    to += 8;
    from += 8;
    columns -= 2;
  }
  if (columns > 0) v128.store32_lane(to, f32x4.add(v, v128.load32_zero(from)), 0);
}

@inline
function storeRow(to: usize, from: usize, low: v128, high: v128, columns: i32): void {
  if (columns >= TILE_COLUMNS) {
    v128.store(to, f32x4.add(low, v128.load(from)));
    v128.store(to, f32x4.add(high, v128.load(from, 16)), 16);
  } else {
    storePart(to, from, low, high, columns);
  }
}

/**
 * C = start + A · B for one tile of C, or C += A · B where `start` is 0.
 *
 * The sums run over k in order, in one register each, and are added to C at the end.
 *
 * Not unrolled: measured at 50 GFLOP/s like this, at 43 unrolled by two or four. One load of four
 * rows and four shuffles beat five broadcasting loads (27 to 37 GFLOP/s); a sixth row spills (32).
 *
 * @param a - Packed rows, `[k][5]`.
 * @param b - A packed panel of columns, `[k][8]`.
 * @param segments - Pairs of where a run of k begins in `b`, in bytes, and how long it is. In `a`
 *   the runs are dense.
 * @param segmentEnd - The end of the pairs.
 * @param addresses - The addresses of the tile's rows of C.
 * @param column - What to add to each of them, in bytes.
 * @param start - What the sums are added to, for each column; 0 to add them to C.
 * @param rows - How many rows to store, 1 to 5.
 * @param columns - How many columns to store, 1 to 8 (or more: 8).
 */
export function multiplyTile(
  a: usize,
  b: usize,
  segments: usize,
  segmentEnd: usize,
  addresses: usize,
  column: usize,
  start: usize,
  rows: i32,
  columns: i32,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c41 = f32x4.splat(0);
  for (; segments < segmentEnd; segments += 8) {
    let at = b + load<u32>(segments);
    const end = at + load<u32>(segments, 4) * COLUMN_BYTES;
    while (at < end) {
      const b0 = v128.load(at);
      const b1 = v128.load(at, 16);
      const four = v128.load(a);
      const a0 = lane(four, 0);
      c00 = multiplyAdd(a0, b0, c00);
      c01 = multiplyAdd(a0, b1, c01);
      const a1 = lane(four, 1);
      c10 = multiplyAdd(a1, b0, c10);
      c11 = multiplyAdd(a1, b1, c11);
      const a2 = lane(four, 2);
      c20 = multiplyAdd(a2, b0, c20);
      c21 = multiplyAdd(a2, b1, c21);
      const a3 = lane(four, 3);
      c30 = multiplyAdd(a3, b0, c30);
      c31 = multiplyAdd(a3, b1, c31);
      const a4 = v128.load32_splat(a, 16);
      c40 = multiplyAdd(a4, b0, c40);
      c41 = multiplyAdd(a4, b1, c41);
      a += ROW_BYTES;
      at += COLUMN_BYTES;
    }
  }
  let to = <usize>load<u32>(addresses) + column;
  storeRow(to, start == 0 ? to : start, c00, c01, columns);
  if (rows < 2) return;
  to = <usize>load<u32>(addresses, 4) + column;
  storeRow(to, start == 0 ? to : start, c10, c11, columns);
  if (rows < 3) return;
  to = <usize>load<u32>(addresses, 8) + column;
  storeRow(to, start == 0 ? to : start, c20, c21, columns);
  if (rows < 4) return;
  to = <usize>load<u32>(addresses, 12) + column;
  storeRow(to, start == 0 ? to : start, c30, c31, columns);
  if (rows < 5) return;
  to = <usize>load<u32>(addresses, 16) + column;
  storeRow(to, start == 0 ? to : start, c40, c41, columns);
}
