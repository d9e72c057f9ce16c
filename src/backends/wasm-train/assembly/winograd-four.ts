import { read, times, write } from './winograd-value';

// The transforms of F(4, 3) along one axis, as those of F(2, 3) in winograd-two.ts, at the points
// 0, ±a, ±2a and ∞ with a = 3/4. They lie nearer to each other than ±1 and ±2 and are exact as
// well, so that less is lost in rounding.

const A: f32 = 0.75;
const A2: f32 = A * A;
const A3: f32 = A2 * A;
const A4: f32 = A2 * A2;
/** What the filter is divided by at ±a and at ±2a; at 0 by 4·a⁴, at ∞ by 1. */
const NEAR_WEIGHT: f32 = 1 / (-6 * A4);
const FAR_WEIGHT: f32 = 1 / (24 * A4);
const ZERO_WEIGHT: f32 = 1 / (4 * A4);

/** Six pixels to points: Bᵀ · d. */
@inline
export function windowOfFour(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const d0 = read(from, c, isFar);
  const d1 = read(from + step, c, isFar);
  const d2 = read(from + 2 * step, c, isFar);
  const d3 = read(from + 3 * step, c, isFar);
  const d4 = read(from + 4 * step, c, isFar);
  const d5 = read(from + 5 * step, c, isFar);
  write(to, c, isToFar, f32x4.add(f32x4.sub(times(d0, 4 * A4), times(d2, 5 * A2)), d4));
  const even = f32x4.sub(d4, times(d2, 4 * A2));
  const odd = f32x4.sub(times(d3, A), times(d1, 4 * A3));
  write(to + toStep, c, isToFar, f32x4.add(even, odd));
  write(to + 2 * toStep, c, isToFar, f32x4.sub(even, odd));
  const farEven = f32x4.sub(d4, times(d2, A2));
  const farOdd = f32x4.sub(times(d3, 2 * A), times(d1, 2 * A3));
  write(to + 3 * toStep, c, isToFar, f32x4.add(farEven, farOdd));
  write(to + 4 * toStep, c, isToFar, f32x4.sub(farEven, farOdd));
  write(to + 5 * toStep, c, isToFar, f32x4.add(f32x4.sub(times(d1, 4 * A4), times(d3, 5 * A2)), d5));
}

/** Four pixels of a gradient to points: A · y. */
@inline
export function spreadOfFour(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const y0 = read(from, c, isFar);
  const y1 = read(from + step, c, isFar);
  const y2 = read(from + 2 * step, c, isFar);
  const y3 = read(from + 3 * step, c, isFar);
  write(to, c, isToFar, y0);
  const even = f32x4.add(y0, times(y2, A2));
  const odd = f32x4.add(times(y1, A), times(y3, A3));
  write(to + toStep, c, isToFar, f32x4.add(even, odd));
  write(to + 2 * toStep, c, isToFar, f32x4.sub(even, odd));
  const farEven = f32x4.add(y0, times(y2, 4 * A2));
  const farOdd = f32x4.add(times(y1, 2 * A), times(y3, 8 * A3));
  write(to + 3 * toStep, c, isToFar, f32x4.add(farEven, farOdd));
  write(to + 4 * toStep, c, isToFar, f32x4.sub(farEven, farOdd));
  write(to + 5 * toStep, c, isToFar, y3);
}

/** Points to four pixels: Aᵀ · m. */
@inline
export function gatherOfFour(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const m1 = read(from + step, c, isFar);
  const m2 = read(from + 2 * step, c, isFar);
  const m3 = read(from + 3 * step, c, isFar);
  const m4 = read(from + 4 * step, c, isFar);
  const even = f32x4.add(m1, m2);
  const odd = f32x4.sub(m1, m2);
  const farEven = f32x4.add(m3, m4);
  const farOdd = f32x4.sub(m3, m4);
  write(to, c, isToFar, f32x4.add(read(from, c, isFar), f32x4.add(even, farEven)));
  write(to + toStep, c, isToFar, f32x4.add(times(odd, A), times(farOdd, 2 * A)));
  write(to + 2 * toStep, c, isToFar, f32x4.add(times(even, A2), times(farEven, 4 * A2)));
  const cubes = f32x4.add(times(odd, A3), times(farOdd, 8 * A3));
  write(to + 3 * toStep, c, isToFar, f32x4.add(cubes, read(from + 5 * step, c, isFar)));
}

/** Three taps to points: G · g. */
@inline
export function filterOfFour(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const g0 = read(from, c, isFar);
  const g1 = read(from + step, c, isFar);
  const g2 = read(from + 2 * step, c, isFar);
  write(to, c, isToFar, times(g0, ZERO_WEIGHT));
  const even = f32x4.add(g0, times(g2, A2));
  const odd = times(g1, A);
  write(to + toStep, c, isToFar, times(f32x4.add(even, odd), NEAR_WEIGHT));
  write(to + 2 * toStep, c, isToFar, times(f32x4.sub(even, odd), NEAR_WEIGHT));
  const farEven = f32x4.add(g0, times(g2, 4 * A2));
  const farOdd = times(g1, 2 * A);
  write(to + 3 * toStep, c, isToFar, times(f32x4.add(farEven, farOdd), FAR_WEIGHT));
  write(to + 4 * toStep, c, isToFar, times(f32x4.sub(farEven, farOdd), FAR_WEIGHT));
  write(to + 5 * toStep, c, isToFar, g2);
}

/** Points to the gradients of three taps: Gᵀ · u. */
@inline
export function tapsOfFour(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const u0 = times(read(from, c, isFar), ZERO_WEIGHT);
  const u1 = read(from + step, c, isFar);
  const u2 = read(from + 2 * step, c, isFar);
  const u3 = read(from + 3 * step, c, isFar);
  const u4 = read(from + 4 * step, c, isFar);
  const even = times(f32x4.add(u1, u2), NEAR_WEIGHT);
  const odd = times(f32x4.sub(u1, u2), A * NEAR_WEIGHT);
  const farEven = times(f32x4.add(u3, u4), FAR_WEIGHT);
  const farOdd = times(f32x4.sub(u3, u4), 2 * A * FAR_WEIGHT);
  write(to, c, isToFar, f32x4.add(u0, f32x4.add(even, farEven)));
  write(to + toStep, c, isToFar, f32x4.add(odd, farOdd));
  const squares = f32x4.add(times(even, A2), times(farEven, 4 * A2));
  write(to + 2 * toStep, c, isToFar, f32x4.add(squares, read(from + 5 * step, c, isFar)));
}
