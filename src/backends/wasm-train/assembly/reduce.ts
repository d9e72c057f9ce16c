// Reductions of [outer, reduced, inner] to [outer, inner]. Sums are kept in double precision: the
// memory is the bottleneck, and sums over a batch cancel.
//
// `step` is the values from one reduced position to the next: `inner`, or more where x has more
// columns than are reduced here, which is for an `outer` of 1. Each value of the result is reduced
// by itself, in order: a split over outer positions or columns gives the same bits.

import { upper } from './lanes';

/** target = scale · sum over the middle axis. */
export function sum(
  target: usize,
  x: usize,
  outer: usize,
  reduced: usize,
  inner: usize,
  step: usize,
  scale: f64,
): void {
  for (let o: usize = 0; o < outer; o++) {
    if (step == 1) {
      store<f32>(target, <f32>(sumRow(x, reduced) * scale));
    } else {
      sumColumns(target, x, reduced, inner, step, scale);
    }
    target += inner << 2;
    x += (reduced * step) << 2;
  }
}

function sumRow(x: usize, count: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let s2 = f64x2.splat(0);
  let s3 = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 8 <= count; i += 8) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(a));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(upper(a)));
    s2 = f64x2.add(s2, f64x2.promote_low_f32x4(b));
    s3 = f64x2.add(s3, f64x2.promote_low_f32x4(upper(b)));
    x += 32;
  }
  const s = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let total = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  for (; i < count; i++) {
    total += <f64>load<f32>(x);
    x += 4;
  }
  return total;
}

function sumColumns(
  target: usize,
  x: usize,
  rows: usize,
  columns: usize,
  step: usize,
  scale: f64,
): void {
  const rowBytes = step << 2;
  const scales = f64x2.splat(scale);
  let c: usize = 0;
  // A cache line of columns at a time, in eight accumulators of two.
  for (; c + 16 <= columns; c += 16) {
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    let s4 = f64x2.splat(0);
    let s5 = f64x2.splat(0);
    let s6 = f64x2.splat(0);
    let s7 = f64x2.splat(0);
    let at = x + (c << 2);
    for (let r: usize = 0; r < rows; r++) {
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const d = v128.load(at, 32);
      const e = v128.load(at, 48);
      s0 = f64x2.add(s0, f64x2.promote_low_f32x4(a));
      s1 = f64x2.add(s1, f64x2.promote_low_f32x4(upper(a)));
      s2 = f64x2.add(s2, f64x2.promote_low_f32x4(b));
      s3 = f64x2.add(s3, f64x2.promote_low_f32x4(upper(b)));
      s4 = f64x2.add(s4, f64x2.promote_low_f32x4(d));
      s5 = f64x2.add(s5, f64x2.promote_low_f32x4(upper(d)));
      s6 = f64x2.add(s6, f64x2.promote_low_f32x4(e));
      s7 = f64x2.add(s7, f64x2.promote_low_f32x4(upper(e)));
      at += rowBytes;
    }
    const to = target + (c << 2);
    v128.store(to, demoted(f64x2.mul(s0, scales), f64x2.mul(s1, scales)));
    v128.store(to, demoted(f64x2.mul(s2, scales), f64x2.mul(s3, scales)), 16);
    v128.store(to, demoted(f64x2.mul(s4, scales), f64x2.mul(s5, scales)), 32);
    v128.store(to, demoted(f64x2.mul(s6, scales), f64x2.mul(s7, scales)), 48);
  }
  for (; c + 4 <= columns; c += 4) {
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let at = x + (c << 2);
    for (let r: usize = 0; r < rows; r++) {
      const a = v128.load(at);
      s0 = f64x2.add(s0, f64x2.promote_low_f32x4(a));
      s1 = f64x2.add(s1, f64x2.promote_low_f32x4(upper(a)));
      at += rowBytes;
    }
    v128.store(target + (c << 2), demoted(f64x2.mul(s0, scales), f64x2.mul(s1, scales)));
  }
  for (; c < columns; c++) {
    let s: f64 = 0;
    let at = x + (c << 2);
    for (let r: usize = 0; r < rows; r++) {
      s += <f64>load<f32>(at);
      at += rowBytes;
    }
    store<f32>(target + (c << 2), <f32>(s * scale));
  }
}

@inline
function demoted(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** target = the largest over the middle axis, which has at least one value; NaN if there is one. */
export function max(
  target: usize,
  x: usize,
  outer: usize,
  reduced: usize,
  inner: usize,
  step: usize,
): void {
  extreme(true, target, x, outer, reduced, inner, step);
}

/**
 * target = the smallest over the middle axis, which has at least one value; NaN if there is one.
 */
export function min(
  target: usize,
  x: usize,
  outer: usize,
  reduced: usize,
  inner: usize,
  step: usize,
): void {
  extreme(false, target, x, outer, reduced, inner, step);
}

@inline
function extreme(
  largest: bool,
  target: usize,
  x: usize,
  outer: usize,
  reduced: usize,
  inner: usize,
  step: usize,
): void {
  const rowBytes = step << 2;
  for (let o: usize = 0; o < outer; o++) {
    let c: usize = 0;
    for (; c + 4 <= inner; c += 4) {
      let at = x + (c << 2);
      let best = v128.load(at);
      for (let r: usize = 1; r < reduced; r++) {
        at += rowBytes;
        best = largest ? f32x4.max(best, v128.load(at)) : f32x4.min(best, v128.load(at));
      }
      v128.store(target + (c << 2), best);
    }
    for (; c < inner; c++) {
      let at = x + (c << 2);
      let best = load<f32>(at);
      for (let r: usize = 1; r < reduced; r++) {
        at += rowBytes;
        best = largest ? larger(best, load<f32>(at)) : smaller(best, load<f32>(at));
      }
      store<f32>(target + (c << 2), best);
    }
    target += inner << 2;
    x += reduced * rowBytes;
  }
}

@inline
function larger(a: f32, b: f32): f32 {
  return f32.max(a, b);
}

@inline
function smaller(a: f32, b: f32): f32 {
  return f32.min(a, b);
}
