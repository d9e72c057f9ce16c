// Batch norm by the statistics of the batch itself: [rows, channels], normalized along the rows.
// Sums are kept in double precision, and each channel's is added up in the order of the rows: a
// split over channels gives the same bits.

import { upper } from './lanes';

/** Rows that fit into the first cache with every column that a part looks at. */
const rowsAtOnce: usize = 64;

/**
 * Adds up two series by channel: x and x², or, where there is a gradient dy, dy and dy · (x −
 * mean).
 *
 * `sums` is two rows of `channels` doubles; the addresses are those of the part's first column, of
 * `columns`.
 */
export function batchNormSums(
  sums: usize,
  x: usize,
  dy: usize,
  mean: usize,
  rows: usize,
  columns: usize,
  channels: usize,
): void {
  memory.fill(sums, 0, columns << 3);
  memory.fill(sums + (channels << 3), 0, columns << 3);
  const bytes = channels << 2;
  while (rows > 0) {
    const count = rows < rowsAtOnce ? rows : rowsAtOnce;
    if (dy == 0) addRows(false, sums, x, x, mean, count, columns, channels);
    else addRows(true, sums, dy, x, mean, count, columns, channels);
    x += count * bytes;
    if (dy != 0) dy += count * bytes;
    rows -= count;
  }
}

/** Of `series`, and of its squares, or where it is `slopes` of its products with x − mean. */
@inline
function addRows(
  slopes: bool,
  sums: usize,
  series: usize,
  x: usize,
  mean: usize,
  rows: usize,
  columns: usize,
  channels: usize,
): void {
  const bytes = channels << 2;
  const second = channels << 3;
  let c: usize = 0;
  for (; c + 4 <= columns; c += 4) {
    const to = sums + (c << 3);
    let s0 = v128.load(to);
    let s1 = v128.load(to, 16);
    let p0 = v128.load(to + second);
    let p1 = v128.load(to + second, 16);
    const center = slopes ? v128.load(mean + (c << 2)) : f32x4.splat(0);
    let at: usize = c << 2;
    for (let r: usize = 0; r < rows; r++) {
      const values = v128.load(series + at);
      const low = f64x2.promote_low_f32x4(values);
      const high = f64x2.promote_low_f32x4(upper(values));
      s0 = f64x2.add(s0, low);
      s1 = f64x2.add(s1, high);
      if (slopes) {
        const products = f32x4.mul(values, f32x4.sub(v128.load(x + at), center));
        p0 = f64x2.add(p0, f64x2.promote_low_f32x4(products));
        p1 = f64x2.add(p1, f64x2.promote_low_f32x4(upper(products)));
      } else {
        p0 = f64x2.add(p0, f64x2.mul(low, low));
        p1 = f64x2.add(p1, f64x2.mul(high, high));
      }
      at += bytes;
    }
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to + second, p0);
    v128.store(to + second, p1, 16);
  }
  for (; c < columns; c++) {
    const to = sums + (c << 3);
    let s = load<f64>(to);
    let p = load<f64>(to + second);
    const center = slopes ? load<f32>(mean + (c << 2)) : <f32>0;
    let at: usize = c << 2;
    for (let r: usize = 0; r < rows; r++) {
      const value = load<f32>(series + at);
      s += <f64>value;
      if (slopes) p += <f64>(value * (load<f32>(x + at) - center));
      else p += <f64>value * <f64>value;
      at += bytes;
    }
    store<f64>(to, s);
    store<f64>(to + second, p);
  }
}

/** Mean and (biased) variance from the sums of x and x². */
export function batchNormMoments(
  mean: usize,
  variance: usize,
  sums: usize,
  rows: f64,
  channels: usize,
): void {
  const second = channels << 3;
  for (let c: usize = 0; c < channels; c++) {
    const center = load<f64>(sums + (c << 3)) / rows;
    const spread = load<f64>(sums + second + (c << 3)) / rows - center * center;
    store<f32>(mean + (c << 2), <f32>center);
    // Rounding may leave a constant channel a little below zero. A NaN stays one.
    store<f32>(variance + (c << 2), <f32>(spread < 0 ? 0 : spread));
  }
}

/**
 * From the sums of dy and dy · (x − mean): the gradients of scale and offset, and three rows of
 * `channels` floats, `slopes`, that {@link batchNormGradient} needs.
 */
export function batchNormSlopes(
  slopes: usize,
  dScale: usize,
  dOffset: usize,
  sums: usize,
  variance: usize,
  scale: usize,
  epsilon: f64,
  rows: f64,
  channels: usize,
): void {
  const row = channels << 2;
  const second = channels << 3;
  for (let c: usize = 0; c < channels; c++) {
    const at = c << 2;
    const sum = load<f64>(sums + (c << 3));
    const product = load<f64>(sums + second + (c << 3));
    const inverse = 1 / sqrt(<f64>load<f32>(variance + at) + epsilon);
    const factor = (scale == 0 ? <f64>1 : <f64>load<f32>(scale + at)) * inverse;
    store<f32>(slopes + at, <f32>factor);
    store<f32>(slopes + row + at, <f32>((-factor * inverse * inverse * product) / rows));
    store<f32>(slopes + 2 * row + at, <f32>((-factor * sum) / rows));
    store<f32>(dScale + at, <f32>(inverse * product));
    store<f32>(dOffset + at, <f32>sum);
  }
}

/** target = dy · slopes[0] + (x − mean) · slopes[1] + slopes[2], by channel. */
export function batchNormGradient(
  target: usize,
  dy: usize,
  x: usize,
  mean: usize,
  slopes: usize,
  rows: usize,
  channels: usize,
): void {
  const bytes = channels << 2;
  const vectorBytes = (channels & ~3) << 2;
  const second = slopes + bytes;
  const third = second + bytes;
  for (; rows > 0; rows--) {
    let at: usize = 0;
    for (; at < vectorBytes; at += 16) {
      const centered = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      const direct = f32x4.mul(v128.load(dy + at), v128.load(slopes + at));
      const shared = f32x4.add(f32x4.mul(centered, v128.load(second + at)), v128.load(third + at));
      v128.store(target + at, f32x4.add(direct, shared));
    }
    for (; at < bytes; at += 4) {
      const centered = load<f32>(x + at) - load<f32>(mean + at);
      const shared = centered * load<f32>(second + at) + load<f32>(third + at);
      store<f32>(target + at, load<f32>(dy + at) * load<f32>(slopes + at) + shared);
    }
    target += bytes;
    dy += bytes;
    x += bytes;
  }
}
