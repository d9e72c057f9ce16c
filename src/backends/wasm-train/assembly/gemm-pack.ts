import { COLUMN_BYTES, ROW_BYTES, TILE_COLUMNS, TILE_ROWS } from './gemm-tile';

/** Writes the transpose of four vectors, each new one `step` bytes after the last. */
@inline
function storeTransposed(to: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
  v128.store(to + step, v128.shuffle<f64>(low01, low23, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<f64>(high01, high23, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<f64>(high01, high23, 1, 3));
}

/** Packs five runs of `count` values into a tile of rows, `[count][5]`. */
export function packRuns(
  to: usize,
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  r4: usize,
  count: i32,
): void {
  let at: usize = 0;
  const end = <usize>count << 2;
  const vectorEnd = end & ~15;
  for (; at < vectorEnd; at += 16) {
    const first = v128.load(r0 + at);
    const second = v128.load(r1 + at);
    storeTransposed(to, ROW_BYTES, first, second, v128.load(r2 + at), v128.load(r3 + at));
    const fifth = v128.load(r4 + at);
    v128.store32_lane(to, fifth, 0, 16);
    v128.store32_lane(to, fifth, 1, 36);
    v128.store32_lane(to, fifth, 2, 56);
    v128.store32_lane(to, fifth, 3, 76);
    to += 4 * ROW_BYTES;
  }
  for (; at < end; at += 4) {
    store<f32>(to, load<f32>(r0 + at));
    store<f32>(to, load<f32>(r1 + at), 4);
    store<f32>(to, load<f32>(r2 + at), 8);
    store<f32>(to, load<f32>(r3 + at), 12);
    store<f32>(to, load<f32>(r4 + at), 16);
    to += ROW_BYTES;
  }
}

/**
 * Packs `count` groups of five neighboring values, `step` bytes apart, into a tile of rows,
 * `[count][5]`.
 */
@inline
export function packFives(to: usize, from: usize, step: usize, count: i32): void {
  for (; count > 0; count--) {
    v128.store(to, v128.load(from));
    store<u32>(to, load<u32>(from, 16), 16);
    to += ROW_BYTES;
    from += step;
  }
}

/**
 * As {@link packFives} for the values `first` ≤ i < `last` of each five; the others become zero.
 */
export function packFivesPart(
  to: usize,
  from: usize,
  step: usize,
  count: i32,
  first: i32,
  last: i32,
): void {
  for (; count > 0; count--) {
    for (let i = 0; i < TILE_ROWS; i++) {
      const value = i < first || i >= last ? <f32>0 : load<f32>(from + (i << 2));
      store<f32>(to + (i << 2), value);
    }
    to += ROW_BYTES;
    from += step;
  }
}

/** Packs up to five rows of A, `k` values each, into a tile of rows; steps in bytes. */
export function packRows(
  to: usize,
  a: usize,
  rowStep: usize,
  stepK: usize,
  rows: i32,
  k: i32,
): void {
  if (stepK == 4) {
    // Rows that are not there repeat the first; their sums are never stored.
    const r1 = rows > 1 ? a + rowStep : a;
    const r2 = rows > 2 ? a + 2 * rowStep : a;
    const r3 = rows > 3 ? a + 3 * rowStep : a;
    const r4 = rows > 4 ? a + 4 * rowStep : a;
    packRuns(to, a, r1, r2, r3, r4, k);
  } else if (rows == TILE_ROWS && rowStep == 4) {
    packFives(to, a, stepK, k);
  } else {
    for (; k > 0; k--) {
      for (let i = 0; i < TILE_ROWS; i++) {
        store<f32>(to + (i << 2), i < rows ? load<f32>(a + <usize>i * rowStep) : 0);
      }
      to += ROW_BYTES;
      a += stepK;
    }
  }
}

/** Packs up to eight columns of B, `k` values each, into a panel, `[k][8]`; steps in bytes. */
export function packPanel(
  to: usize,
  b: usize,
  stepK: usize,
  columnStep: usize,
  k: i32,
  columns: i32,
): void {
  const end = to + <usize>k * COLUMN_BYTES;
  if (columns == TILE_COLUMNS && columnStep == 4) {
    for (; to < end; to += COLUMN_BYTES) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
      b += stepK;
    }
    return;
  }
  if (columns == TILE_COLUMNS && stepK == 4) {
    for (; to + 4 * COLUMN_BYTES <= end; to += 4 * COLUMN_BYTES) {
      packSquare(to, b, columnStep);
      packSquare(to + 16, b + 4 * columnStep, columnStep);
      b += 16;
    }
  }
  for (; to < end; to += COLUMN_BYTES) {
    for (let j = 0; j < TILE_COLUMNS; j++) {
      store<f32>(to + (j << 2), j < columns ? load<f32>(b + <usize>j * columnStep) : 0);
    }
    b += stepK;
  }
}

@inline
function packSquare(to: usize, from: usize, step: usize): void {
  storeTransposed(
    to,
    COLUMN_BYTES,
    v128.load(from),
    v128.load(from + step),
    v128.load(from + 2 * step),
    v128.load(from + 3 * step),
  );
}

/**
 * Packs B, `k` rows by `n` columns, into panels of eight columns, the last one filled up with
 * zeros.
 *
 * @param panelK - Rows of a whole panel, of which these are `k`: more than `k` where B is packed in
 *   parts.
 */
export function packColumns(
  to: usize,
  b: usize,
  stepK: usize,
  columnStep: usize,
  k: i32,
  n: i32,
  panelK: i32,
): void {
  for (let j = 0; j < n; j += TILE_COLUMNS) {
    packPanel(to, b, stepK, columnStep, k, min(n - j, TILE_COLUMNS));
    b += <usize>TILE_COLUMNS * columnStep;
    to += <usize>panelK * COLUMN_BYTES;
  }
}
