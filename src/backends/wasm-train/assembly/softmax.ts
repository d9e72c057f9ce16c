import { exp4, log4 } from './math';

/** Softmax of each row, or its logarithm where `logarithm` is not 0. */
export function softmax(
  target: usize,
  x: usize,
  rows: i32,
  columns: i32,
  logarithm: i32,
): void {
  const bytes = <usize>columns << 2;
  for (let row = 0; row < rows; row++) {
    let largest = f32x4.splat(f32.NEGATIVE_INFINITY);
    for (let at: usize = 0; at < bytes; at += 4) {
      largest = f32x4.max(largest, v128.load32_splat(x + at));
    }
    let sum: f64 = 0;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const e = exp4(f32x4.sub(v128.load(x + at), largest));
      v128.store(target + at, e);
      sum += <f64>f32x4.extract_lane(e, 0) + <f64>f32x4.extract_lane(e, 1);
      sum += <f64>f32x4.extract_lane(e, 2) + <f64>f32x4.extract_lane(e, 3);
    }
    for (; at < bytes; at += 4) {
      const e = exp4(f32x4.sub(v128.load32_zero(x + at), largest));
      v128.store32_lane(target + at, e, 0);
      sum += <f64>f32x4.extract_lane(e, 0);
    }
    if (logarithm != 0) {
      const shift = f32x4.extract_lane(log4(f32x4.splat(<f32>sum)), 0);
      const most = f32x4.extract_lane(largest, 0);
      for (at = 0; at < bytes; at += 4) {
        store<f32>(target + at, load<f32>(x + at) - most - shift);
      }
    } else {
      const inverse = <f32>(1.0 / sum);
      for (at = 0; at < bytes; at += 4) {
        store<f32>(target + at, load<f32>(target + at) * inverse);
      }
    }
    target += bytes;
    x += bytes;
  }
}
