/**
 * Copies 32-bit values between two strided layouts of four axes.
 *
 * `n0`…`n3` are the sizes; `t0`…`t3` and `s0`…`s3` tell how many values apart neighbors along an
 * axis are, in the target and in the source. A source step of 0 repeats.
 */
export function copyStrided(
  target: usize,
  source: usize,
  n0: i32,
  n1: i32,
  n2: i32,
  n3: i32,
  t0: i32,
  t1: i32,
  t2: i32,
  t3: i32,
  s0: i32,
  s1: i32,
  s2: i32,
  s3: i32,
): void {
  for (let i = 0; i < n0; i++) {
    let to = target + ((i * t0) << 2);
    let from = source + ((i * s0) << 2);
    for (let j = 0; j < n1; j++) {
      copyPlane(to, from, n2, n3, t2, t3, s2, s3);
      to += t1 << 2;
      from += s1 << 2;
    }
  }
}

@inline
function copyPlane(
  to: usize,
  from: usize,
  rows: i32,
  columns: i32,
  toRow: i32,
  toColumn: i32,
  fromRow: i32,
  fromColumn: i32,
): void {
  if (toColumn == 1 && fromColumn == 1) {
    for (let r = 0; r < rows; r++) {
      copyRow(to, from, columns);
      to += toRow << 2;
      from += fromRow << 2;
    }
  } else if (toColumn == 1 && fromRow == 1) {
    transposePlane(to, from, rows, columns, toRow << 2, fromColumn << 2);
  } else {
    for (let r = 0; r < rows; r++) {
      let t = to + ((r * toRow) << 2);
      let f = from + ((r * fromRow) << 2);
      for (let c = 0; c < columns; c++) {
        store<u32>(t, load<u32>(f));
        t += toColumn << 2;
        f += fromColumn << 2;
      }
    }
  }
}

@inline
function copyRow(to: usize, from: usize, count: i32): void {
  // Below this a call of the engine's copy costs more than the loop.
  if (count >= 64) {
    memory.copy(to, from, count << 2);
    return;
  }
  const end = to + (count << 2);
  const vectorEnd = to + ((count & ~3) << 2);
  for (; to < vectorEnd; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<u32>(to, load<u32>(from));
}

/** to[r, c] = from[c, r], in blocks of four by four. */
@inline
function transposePlane(
  to: usize,
  from: usize,
  rows: i32,
  columns: i32,
  toRowBytes: usize,
  fromColumnBytes: usize,
): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let t = to + <usize>r * toRowBytes;
    let f = from + (r << 2);
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const a0 = v128.load(f);
      const a1 = v128.load(f + fromColumnBytes);
      const a2 = v128.load(f + 2 * fromColumnBytes);
      const a3 = v128.load(f + 3 * fromColumnBytes);
      const b0 = i32x4.shuffle(a0, a1, 0, 4, 1, 5);
      const b1 = i32x4.shuffle(a0, a1, 2, 6, 3, 7);
      const b2 = i32x4.shuffle(a2, a3, 0, 4, 1, 5);
      const b3 = i32x4.shuffle(a2, a3, 2, 6, 3, 7);
      v128.store(t, i64x2.shuffle(b0, b2, 0, 2));
      v128.store(t + toRowBytes, i64x2.shuffle(b0, b2, 1, 3));
      v128.store(t + 2 * toRowBytes, i64x2.shuffle(b1, b3, 0, 2));
      v128.store(t + 3 * toRowBytes, i64x2.shuffle(b1, b3, 1, 3));
      t += 16;
      f += 4 * fromColumnBytes;
    }
    for (; c < columns; c++) {
      for (let k = 0; k < 4; k++) store<u32>(t + <usize>k * toRowBytes, load<u32>(f + (k << 2)));
      t += 4;
      f += fromColumnBytes;
    }
  }
  for (; r < rows; r++) {
    let t = to + <usize>r * toRowBytes;
    let f = from + (r << 2);
    for (let c = 0; c < columns; c++) {
      store<u32>(t, load<u32>(f));
      t += 4;
      f += fromColumnBytes;
    }
  }
}
