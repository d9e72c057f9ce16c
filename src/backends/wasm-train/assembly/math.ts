// Functions of four floats at a time, to about one unit in the last place or two. Polynomials after
// Cephes (S. L. Moshier, public domain). NaN in gives NaN out; infinities give their limits.

@inline
function horner(sum: v128, x: v128, next: f32): v128 {
  return f32x4.add(f32x4.mul(sum, x), f32x4.splat(next));
}

/** 2^n for integers n of −126…127. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** The n of x = n·ln 2 + r. */
@inline
function exponentOf(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
}

/** e^r − 1 for the r of x = n·ln 2 + r, |r| ≤ ln 2 / 2. */
@inline
function expm1OfRest(x: v128, n: v128): v128 {
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let sum = f32x4.splat(1.9875691500e-4);
  sum = horner(sum, r, 1.3981999507e-3);
  sum = horner(sum, r, 8.3334519073e-3);
  sum = horner(sum, r, 4.1665795894e-2);
  sum = horner(sum, r, 1.6666665459e-1);
  sum = horner(sum, r, 5.0000001201e-1);
  return f32x4.add(f32x4.mul(f32x4.mul(sum, r), r), r);
}

/** e^x, down to the denormals. */
@inline
export function exp4(x: v128): v128 {
  // The pseudo-minimum keeps a NaN. Beyond these bounds the result is infinite, or zero, anyway.
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-105));
  const n = exponentOf(bounded);
  const mantissa = f32x4.add(expm1OfRest(bounded, n), f32x4.splat(1));
  // In two factors, since 2^n alone may be beyond the floats.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(mantissa, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** e^x − 1 for x ≤ 0, exact to the last places near 0 too. */
@inline
export function expm1OfNegative4(x: v128): v128 {
  const bounded = f32x4.pmax(x, f32x4.splat(-30));
  const n = exponentOf(bounded);
  const scale = powerOfTwo(i32x4.trunc_sat_f32x4_s(n));
  return f32x4.add(
    f32x4.mul(expm1OfRest(bounded, n), scale),
    f32x4.sub(scale, f32x4.splat(1)),
  );
}

/** ln x; −∞ at 0 and NaN below. */
@inline
export function log4(x: v128): v128 {
  const denormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const lifted = v128.bitselect(f32x4.mul(x, f32x4.splat(33554432)), x, denormal);
  let exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(lifted, 23), i32x4.splat(126)));
  exponent = f32x4.sub(exponent, v128.and(denormal, f32x4.splat(25)));
  // m in 0.5…1, then 0.7…1.4 less one
  let m = v128.or(
    v128.and(lifted, i32x4.splat(0x007fffff)),
    i32x4.splat(0x3f000000),
  );
  const low = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  exponent = f32x4.sub(exponent, v128.and(low, f32x4.splat(1)));
  m = f32x4.sub(f32x4.add(m, v128.and(low, m)), f32x4.splat(1));

  const square = f32x4.mul(m, m);
  let sum = f32x4.splat(7.0376836292e-2);
  sum = horner(sum, m, -1.1514610310e-1);
  sum = horner(sum, m, 1.1676998740e-1);
  sum = horner(sum, m, -1.2420140846e-1);
  sum = horner(sum, m, 1.4249322787e-1);
  sum = horner(sum, m, -1.6668057665e-1);
  sum = horner(sum, m, 2.0000714765e-1);
  sum = horner(sum, m, -2.4999993993e-1);
  sum = horner(sum, m, 3.3333331174e-1);
  sum = f32x4.mul(f32x4.mul(sum, m), square);
  sum = f32x4.add(sum, f32x4.mul(exponent, f32x4.splat(-2.12194440e-4)));
  sum = f32x4.sub(sum, f32x4.mul(square, f32x4.splat(0.5)));
  const finite = f32x4.add(f32x4.add(m, sum), f32x4.mul(exponent, f32x4.splat(0.693359375)));

  const infinite = f32x4.eq(x, f32x4.splat(f32.POSITIVE_INFINITY));
  const zero = f32x4.eq(x, f32x4.splat(0));
  // Not "less than zero": this holds for NaN as well.
  const undefined_ = v128.not(f32x4.ge(x, f32x4.splat(0)));
  let result = v128.bitselect(x, finite, infinite);
  result = v128.bitselect(f32x4.splat(f32.NEGATIVE_INFINITY), result, zero);
  return v128.bitselect(f32x4.splat(f32.NaN), result, undefined_);
}

/** ln(1 + x). With w = 1 + x rounded, ln w · x / (w − 1) undoes the rounding. */
@inline
export function log1p4(x: v128): v128 {
  const w = f32x4.add(x, f32x4.splat(1));
  const corrected = f32x4.mul(log4(w), f32x4.div(x, f32x4.sub(w, f32x4.splat(1))));
  const tiny = f32x4.eq(w, f32x4.splat(1));
  const infinite = f32x4.eq(w, f32x4.splat(f32.POSITIVE_INFINITY));
  return v128.bitselect(x, corrected, v128.or(tiny, infinite));
}

@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const e = exp4(f32x4.add(size, size));
  const far = f32x4.sub(
    f32x4.splat(1),
    f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))),
  );

  const square = f32x4.mul(x, x);
  let sum = f32x4.splat(-5.70498872745e-3);
  sum = horner(sum, square, 2.06390887954e-2);
  sum = horner(sum, square, -5.37397155531e-2);
  sum = horner(sum, square, 1.33314422036e-1);
  sum = horner(sum, square, -3.33332819422e-1);
  const near = f32x4.add(f32x4.mul(f32x4.mul(sum, square), x), x);
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(size, f32x4.splat(0.625)));
}

/** 1 / (1 + e^−x), by e^−|x| so that nothing overflows. */
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const inverse = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e));
  return v128.bitselect(f32x4.mul(e, inverse), inverse, f32x4.lt(x, f32x4.splat(0)));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|). */
@inline
export function softplus4(x: v128): v128 {
  const rest = log1p4(exp4(f32x4.neg(f32x4.abs(x))));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), rest);
}
