import { gemm, packMatrix } from './gemm';
import { transformHigh, transformLow, transformsAt, winogradScratch } from './winograd-image';
import { before, phaseAt, report, Winograd } from './winograd-table';
import { gatherTaps, LINE, transformTaps } from './winograd-tile';

/**
 * Transforms the filter, [taps, high channels, low channels], to [point, slot, high channels, low
 * channels].
 *
 * @param first - The first pair of channels; a multiple of sixteen, as the last is.
 * @param last - One past the last.
 * @param scratch - winogradScratch bytes.
 */
export function winogradFilter(
  table: usize,
  to: usize,
  filter: usize,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const size = <usize>(winograd.highChannels * winograd.lowChannels) << 2;
  for (let p = 0; p < winograd.phases; p++) {
    const phase = phaseAt(table, p);
    for (let at = <usize>first << 2; at < <usize>last << 2; at += LINE) {
      transformTaps(table, phase, to + at, filter + at, size, scratch);
    }
  }
}

/**
 * Transforms some tiles of a block, of the high image and of the low one's gradient.
 *
 * @param points - Of the high image, [point, tile, slot, channels].
 * @param gradients - Of the low one, [point, tile, channels].
 * @param block - The block's first tile.
 * @param count - The block's tiles.
 * @param first - The first to transform, counted in the block.
 * @param last - One past the last.
 * @param scratch - winogradScratch bytes.
 */
export function winogradTiles(
  table: usize,
  points: usize,
  gradients: usize,
  block: i32,
  count: i32,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const addresses = scratch + transformsAt();
  transformHigh(table, points, block, count, first, last, addresses);
  transformLow(table, gradients, block, count, first, last, false, addresses);
}

/**
 * Sums the products of a filter's gradient over a block of tiles, at some points: [point, slot,
 * high channels, low channels].
 *
 * @param sums - Where the sums go, or are added to.
 * @param points - What {@link winogradTiles} made, as is `gradients`.
 * @param isFirst - Whether no block came before.
 * @param scratch - winogradScratch bytes and what one packed matrix takes.
 */
export function winogradFilterSums(
  table: usize,
  sums: usize,
  points: usize,
  gradients: usize,
  count: i32,
  isFirst: i32,
  firstPoint: i32,
  lastPoint: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const inChannels = winograd.highChannels;
  const outChannels = winograd.lowChannels;
  const packed = scratch + winogradScratch();
  for (let point = firstPoint; point < lastPoint; point++) {
    const from = before(table, point);
    const rows = (before(table, point + 1) - from) * inChannels;
    const gradient = gradients + ((<usize>(point * count * outChannels)) << 2);
    packMatrix(packed, gradient, outChannels, 1, count, outChannels, count);
    gemm(
      sums + (<usize>(from * inChannels * outChannels) << 2),
      outChannels,
      points + (<usize>(from * count * inChannels) << 2),
      1,
      rows,
      packed,
      isFirst ? winograd.zeros : 0,
      rows,
      outChannels,
      count,
      scratch,
    );
  }
}

/**
 * Takes the sums of {@link winogradFilterSums} back to taps: Gᵀ · u · G.
 *
 * @param filter - The gradient, [taps, high channels, low channels].
 * @param first - The first pair of channels; a multiple of sixteen, as the last is.
 * @param last - One past the last.
 * @param scratch - winogradScratch bytes.
 */
export function winogradFilterGradient(
  table: usize,
  filter: usize,
  sums: usize,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const size = <usize>(winograd.highChannels * winograd.lowChannels) << 2;
  let seen = f32x4.splat(0);
  for (let p = 0; p < winograd.phases; p++) {
    const phase = phaseAt(table, p);
    for (let at = <usize>first << 2; at < <usize>last << 2; at += LINE) {
      seen = f32x4.add(seen, gatherTaps(table, phase, filter + at, sums + at, size, scratch));
    }
  }
  report(winograd, seen);
}
