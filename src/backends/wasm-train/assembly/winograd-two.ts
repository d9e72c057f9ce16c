import { read, times, write } from './winograd-value';

// The transforms of F(2, 3) along one axis, at the points 0, 1, −1 and ∞. Every line has values
// `step` bytes apart; of `c` and the flags see winograd-value.ts.

/** Four pixels to points: Bᵀ · d. */
@inline
export function windowOfTwo(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const d0 = read(from, c, isFar);
  const d1 = read(from + step, c, isFar);
  const d2 = read(from + 2 * step, c, isFar);
  const d3 = read(from + 3 * step, c, isFar);
  write(to, c, isToFar, f32x4.sub(d0, d2));
  write(to + toStep, c, isToFar, f32x4.add(d1, d2));
  write(to + 2 * toStep, c, isToFar, f32x4.sub(d2, d1));
  write(to + 3 * toStep, c, isToFar, f32x4.sub(d1, d3));
}

/** Two pixels of a gradient to points: A · y. */
@inline
export function spreadOfTwo(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const y0 = read(from, c, isFar);
  const y1 = read(from + step, c, isFar);
  write(to, c, isToFar, y0);
  write(to + toStep, c, isToFar, f32x4.add(y0, y1));
  write(to + 2 * toStep, c, isToFar, f32x4.sub(y0, y1));
  write(to + 3 * toStep, c, isToFar, f32x4.neg(y1));
}

/** Points to two pixels: Aᵀ · m. */
@inline
export function gatherOfTwo(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const m1 = read(from + step, c, isFar);
  const m2 = read(from + 2 * step, c, isFar);
  write(to, c, isToFar, f32x4.add(read(from, c, isFar), f32x4.add(m1, m2)));
  write(to + toStep, c, isToFar, f32x4.sub(f32x4.sub(m1, m2), read(from + 3 * step, c, isFar)));
}

/** Three taps to points: G · g. */
@inline
export function filterOfTwo(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const g0 = read(from, c, isFar);
  const g2 = read(from + 2 * step, c, isFar);
  const ends = times(f32x4.add(g0, g2), 0.5);
  const middle = times(read(from + step, c, isFar), 0.5);
  write(to, c, isToFar, g0);
  write(to + toStep, c, isToFar, f32x4.add(ends, middle));
  write(to + 2 * toStep, c, isToFar, f32x4.sub(ends, middle));
  write(to + 3 * toStep, c, isToFar, g2);
}

/** Points to the gradients of three taps: Gᵀ · u. */
@inline
export function tapsOfTwo(from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  const u1 = times(read(from + step, c, isFar), 0.5);
  const u2 = times(read(from + 2 * step, c, isFar), 0.5);
  const sum = f32x4.add(u1, u2);
  write(to, c, isToFar, f32x4.add(read(from, c, isFar), sum));
  write(to + toStep, c, isToFar, f32x4.sub(u1, u2));
  write(to + 2 * toStep, c, isToFar, f32x4.add(sum, read(from + 3 * step, c, isFar)));
}
