import { loadLanes, storeLanes } from './lanes';

/**
 * Images whose rows and columns are taken from others: `rows` and `columns` are tables of which
 * (i32).
 *
 * @param firstRow - Rows are counted over all images of the result.
 */
export function resizeNearest(
  target: usize,
  x: usize,
  rows: usize,
  columns: usize,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  firstRow: i32,
  lastRow: i32,
): void {
  const bytes = <usize>channels << 2;
  for (let row = firstRow; row < lastRow; row++) {
    const n = row / outHeight;
    const from = load<i32>(rows + (<usize>(row % outHeight) << 2));
    const source = x + <usize>((n * inHeight + from) * inWidth) * bytes;
    let to = target + <usize>(row * outWidth) * bytes;
    for (let column = 0; column < outWidth; column++) {
      const pixel = source + <usize>load<i32>(columns + (<usize>column << 2)) * bytes;
      for (let c = 0; c < channels; c += 4) {
        storeLanes(to + (c << 2), loadLanes(pixel + (c << 2), channels - c), channels - c);
      }
      to += bytes;
    }
  }
}

/** The gradient of {@link resizeNearest}: adds each pixel of dy to the one it was taken from. */
export function resizeNearestGradient(
  target: usize,
  dy: usize,
  rows: usize,
  columns: usize,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  firstImage: i32,
  lastImage: i32,
): void {
  const bytes = <usize>channels << 2;
  for (let n = firstImage; n < lastImage; n++) {
    const image = target + <usize>(n * inHeight * inWidth) * bytes;
    memory.fill(image, 0, <usize>(inHeight * inWidth) * bytes);
    let from = dy + <usize>(n * outHeight * outWidth) * bytes;
    for (let row = 0; row < outHeight; row++) {
      const line = image + <usize>(load<i32>(rows + (<usize>row << 2)) * inWidth) * bytes;
      for (let column = 0; column < outWidth; column++) {
        const pixel = line + <usize>load<i32>(columns + (<usize>column << 2)) * bytes;
        for (let c = 0; c < channels; c += 4) {
          const left = channels - c;
          const to = pixel + (c << 2);
          storeLanes(to, f32x4.add(loadLanes(to, left), loadLanes(from + (c << 2), left)), left);
        }
        from += bytes;
      }
    }
  }
}

/**
 * What an entry of a table for {@link resizeBilinear} takes: the two indices (i32) and the fraction
 * (f32) between them.
 */
const ENTRY_BYTES: usize = 12;

/** Images whose pixels are between four others. */
export function resizeBilinear(
  target: usize,
  x: usize,
  rows: usize,
  columns: usize,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  channels: i32,
  firstRow: i32,
  lastRow: i32,
): void {
  const bytes = <usize>channels << 2;
  for (let row = firstRow; row < lastRow; row++) {
    const n = row / outHeight;
    const entry = rows + <usize>(row % outHeight) * ENTRY_BYTES;
    const top = x + <usize>((n * inHeight + load<i32>(entry)) * inWidth) * bytes;
    const bottom = x + <usize>((n * inHeight + load<i32>(entry, 4)) * inWidth) * bytes;
    const down = v128.load32_splat(entry, 8);
    let to = target + <usize>(row * outWidth) * bytes;
    for (let column = 0; column < outWidth; column++) {
      const place = columns + <usize>column * ENTRY_BYTES;
      const low = <usize>load<i32>(place) * bytes;
      const high = <usize>load<i32>(place, 4) * bytes;
      const right = v128.load32_splat(place, 8);
      for (let c = 0; c < channels; c += 4) {
        const left = channels - c;
        const at = <usize>c << 2;
        const above = between(top + low + at, top + high + at, right, left);
        const below = between(bottom + low + at, bottom + high + at, right, left);
        const value = f32x4.add(above, f32x4.mul(f32x4.sub(below, above), down));
        storeLanes(to + at, value, left);
      }
      to += bytes;
    }
  }
}

@inline
function between(a: usize, b: usize, fraction: v128, left: i32): v128 {
  const first = loadLanes(a, left);
  return f32x4.add(first, f32x4.mul(f32x4.sub(loadLanes(b, left), first), fraction));
}
