import { multiplyAdd } from './gemm-tile';

/** Sum of the four values of a vector, in a fixed order. */
@inline
function total(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** The last values of a dot product, which do not fill a vector. */
@inline
function rest(a: usize, x: usize, from: usize, bytes: usize): f32 {
  let sum: f32 = 0;
  for (let at = from; at < bytes; at += 4) sum += load<f32>(a + at) * load<f32>(x + at);
  return sum;
}

/**
 * y[i] = start + Σ a[i, l] · x[l] for a matrix whose rows are dense: one dot product each, four at
 * a time.
 *
 * @param y - `m` values, one after the other.
 * @param aStep - Values from one row of A to the next.
 * @param start - What the sums are added to.
 * @param startStep - Values from one start to the next; 0 for the same one.
 */
export function multiplyRowsByVector(
  y: usize,
  a: usize,
  aStep: i32,
  x: usize,
  start: usize,
  startStep: i32,
  m: i32,
  k: i32,
): void {
  const bytes = <usize>k << 2;
  const vectorBytes = bytes & ~15;
  const step = <usize>aStep << 2;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    const a1 = a + step;
    const a2 = a1 + step;
    const a3 = a2 + step;
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    for (let at: usize = 0; at < vectorBytes; at += 16) {
      const v = v128.load(x + at);
      s0 = multiplyAdd(v128.load(a + at), v, s0);
      s1 = multiplyAdd(v128.load(a1 + at), v, s1);
      s2 = multiplyAdd(v128.load(a2 + at), v, s2);
      s3 = multiplyAdd(v128.load(a3 + at), v, s3);
    }
    const from = start;
    const next = <usize>startStep << 2;
    store<f32>(y, load<f32>(from) + (total(s0) + rest(a, x, vectorBytes, bytes)));
    store<f32>(y, load<f32>(from + next) + (total(s1) + rest(a1, x, vectorBytes, bytes)), 4);
    store<f32>(y, load<f32>(from + 2 * next) + (total(s2) + rest(a2, x, vectorBytes, bytes)), 8);
    store<f32>(y, load<f32>(from + 3 * next) + (total(s3) + rest(a3, x, vectorBytes, bytes)), 12);
    y += 16;
    start += 4 * next;
    a = a3 + step;
  }
  for (; i < m; i++) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < vectorBytes; at += 16) {
      sum = multiplyAdd(v128.load(a + at), v128.load(x + at), sum);
    }
    store<f32>(y, load<f32>(start) + (total(sum) + rest(a, x, vectorBytes, bytes)));
    y += 4;
    start += <usize>startStep << 2;
    a += step;
  }
}

/**
 * y[j] = start + Σ x[l] · b[l, j] for a matrix whose rows are dense: thirty-two sums at a time in
 * registers.
 *
 * @param y - `n` values, one after the other.
 * @param bStep - Values from one row of B to the next.
 * @param start - What the sums are added to.
 * @param startStep - 1, or 0 for the same one for all.
 */
export function multiplyVectorByRows(
  y: usize,
  x: usize,
  b: usize,
  bStep: i32,
  start: usize,
  startStep: i32,
  n: i32,
  k: i32,
): void {
  const step = <usize>bStep << 2;
  const end = x + (<usize>k << 2);
  let j = 0;
  for (; j + 32 <= n; j += 32) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let s4 = f32x4.splat(0);
    let s5 = f32x4.splat(0);
    let s6 = f32x4.splat(0);
    let s7 = f32x4.splat(0);
    let row = b + (<usize>j << 2);
    for (let at = x; at < end; at += 4) {
      const v = v128.load32_splat(at);
      s0 = multiplyAdd(v, v128.load(row), s0);
      s1 = multiplyAdd(v, v128.load(row, 16), s1);
      s2 = multiplyAdd(v, v128.load(row, 32), s2);
      s3 = multiplyAdd(v, v128.load(row, 48), s3);
      s4 = multiplyAdd(v, v128.load(row, 64), s4);
      s5 = multiplyAdd(v, v128.load(row, 80), s5);
      s6 = multiplyAdd(v, v128.load(row, 96), s6);
      s7 = multiplyAdd(v, v128.load(row, 112), s7);
      row += step;
    }
    storeStarted(y, start, startStep, s0);
    storeStarted(y + 16, start + (startStep << 4), startStep, s1);
    storeStarted(y + 32, start + (startStep << 5), startStep, s2);
    storeStarted(y + 48, start + startStep * 48, startStep, s3);
    storeStarted(y + 64, start + (startStep << 6), startStep, s4);
    storeStarted(y + 80, start + startStep * 80, startStep, s5);
    storeStarted(y + 96, start + startStep * 96, startStep, s6);
    storeStarted(y + 112, start + startStep * 112, startStep, s7);
    y += 128;
    start += startStep << 7;
  }
  for (; j + 4 <= n; j += 4) {
    let sum = f32x4.splat(0);
    let row = b + (<usize>j << 2);
    for (let at = x; at < end; at += 4) {
      sum = multiplyAdd(v128.load32_splat(at), v128.load(row), sum);
      row += step;
    }
    storeStarted(y, start, startStep, sum);
    y += 16;
    start += startStep << 4;
  }
  for (; j < n; j++) {
    // In a lane, so that it rounds as its neighbors do.
    let sum = f32x4.splat(0);
    let row = b + (<usize>j << 2);
    for (let at = x; at < end; at += 4) {
      sum = multiplyAdd(v128.load32_zero(at), v128.load32_zero(row), sum);
      row += step;
    }
    store<f32>(y, load<f32>(start) + f32x4.extract_lane(sum, 0));
    y += 4;
    start += startStep << 2;
  }
}

@inline
function storeStarted(y: usize, start: usize, startStep: i32, sum: v128): void {
  const from = startStep == 0 ? v128.load32_splat(start) : v128.load(start);
  v128.store(y, f32x4.add(from, sum));
}
