import { gemm, gemmScratch } from './gemm';
import { findHigh, findLow, findPoints, findSlots } from './winograd-places';
import { before, report, Winograd } from './winograd-table';
import { ADDRESSES, gatherPoints, spreadTile, TRANSFORM_BYTES, transformWindow } from './winograd-tile';

/**
 * Bytes of scratch that a thread needs beside what points and products take: for gemm, then for
 * transforms.
 */
export function winogradScratch(): i32 {
  return transformsAt() + <i32>(2 * ADDRESSES + TRANSFORM_BYTES);
}

@inline
export function transformsAt(): i32 {
  return (gemmScratch() + 63) & ~63;
}

/**
 * Transforms tiles of every phase of the high image to [point, tile, slot, channels].
 *
 * @param block - The tile at 0 of `to`, which has room for `count`.
 * @param first - The first of them to transform, counted from there.
 * @param last - One past the last.
 */
export function transformHigh(
  table: usize,
  to: usize,
  block: i32,
  count: i32,
  first: i32,
  last: i32,
  addresses: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const bytes = (<usize>winograd.highChannels) << 2;
  const targets = addresses + ADDRESSES;
  for (let tile = first; tile < last; tile++) {
    for (let p = 0; p < winograd.phases; p++) {
      findHigh(table, block + tile, p, true, addresses, winograd.zeros);
      findSlots(table, p, targets, to, tile, count, bytes, winograd.waste);
      transformWindow(winograd, targets, addresses, bytes, targets + ADDRESSES);
    }
  }
}

/** As {@link transformHigh} for the low image, to [point, tile, channels]. */
export function transformLow(
  table: usize,
  to: usize,
  block: i32,
  count: i32,
  first: i32,
  last: i32,
  isWindow: bool,
  addresses: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const bytes = (<usize>winograd.lowChannels) << 2;
  const targets = addresses + ADDRESSES;
  for (let tile = first; tile < last; tile++) {
    findLow(table, block + tile, isWindow, addresses, winograd.zeros);
    findPoints(winograd, targets, to, tile, count, bytes);
    if (isWindow) transformWindow(winograd, targets, addresses, bytes, targets + ADDRESSES);
    else spreadTile(winograd, targets, addresses, bytes, targets + ADDRESSES);
  }
}

/**
 * Low = start + the convolution of high.
 *
 * @param filter - For each point, what packMatrix made of [slot · high channels, low channels].
 * @param start - What is added to each channel.
 * @param scratch - {@link winogradScratch} bytes, what the window's points take and what the
 *   products take.
 */
export function winogradForward(
  table: usize,
  filter: usize,
  start: usize,
  firstBlock: i32,
  lastBlock: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const addresses = scratch + transformsAt();
  const targets = addresses + ADDRESSES;
  const room = targets + ADDRESSES;
  const points = scratch + winogradScratch();
  const pointBytes = <usize>(before(table, winograd.points) * winograd.block) << 2;
  const products = points + pointBytes * <usize>winograd.highChannels;
  const inChannels = winograd.highChannels;
  const outChannels = winograd.lowChannels;
  const bytes = (<usize>outChannels) << 2;
  const tiles = winograd.batch * winograd.tilesY * winograd.tilesX;
  let seen = f32x4.splat(0);
  for (let block = firstBlock; block < lastBlock; block++) {
    const first = block * winograd.block;
    const count = min(tiles - first, winograd.block);
    transformHigh(table, points, first, count, 0, count, addresses);
    for (let point = 0; point < winograd.points; point++) {
      const from = before(table, point);
      const k = (before(table, point + 1) - from) * inChannels;
      gemm(
        products + <usize>(point * count) * bytes,
        outChannels,
        points + ((<usize>(from * count * inChannels)) << 2),
        k,
        1,
        filter + ((<usize>(from * inChannels * outChannels)) << 2),
        winograd.zeros,
        count,
        outChannels,
        k,
        scratch,
      );
    }
    for (let tile = 0; tile < count; tile++) {
      findLow(table, first + tile, false, targets, winograd.waste);
      findPoints(winograd, addresses, products, tile, count, bytes);
      seen = gatherPoints(winograd, targets, addresses, start, bytes, room, seen);
    }
  }
  report(winograd, seen);
}

/**
 * High = the transposed convolution of low, of whose filter the taps come in reverse.
 *
 * @param filter - For each point, what packMatrix made of [low channels, slot · high channels].
 */
export function winogradTransposed(
  table: usize,
  filter: usize,
  firstBlock: i32,
  lastBlock: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const points = scratch + winogradScratch();
  const inBytes = (<usize>winograd.lowChannels) << 2;
  const products = points + <usize>(winograd.points * winograd.block) * inBytes;
  const tiles = winograd.batch * winograd.tilesY * winograd.tilesX;
  for (let block = firstBlock; block < lastBlock; block++) {
    const first = block * winograd.block;
    const count = min(tiles - first, winograd.block);
    winogradLowPoints(table, points, first, count, 0, count, scratch);
    winogradProducts(table, products, points, filter, count, 0, winograd.points, scratch);
    winogradHigh(table, products, first, count, 0, count, scratch);
  }
}

/**
 * The first of three parts of {@link winogradTransposed}: transforms some tiles of a block of the low
 * image to [point, tile, channels].
 *
 * @param block - The block's first tile.
 * @param count - The block's tiles.
 * @param first - The first to transform, counted in the block.
 * @param last - One past the last.
 * @param scratch - {@link winogradScratch} bytes.
 */
export function winogradLowPoints(
  table: usize,
  points: usize,
  block: i32,
  count: i32,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  transformLow(table, points, block, count, first, last, true, scratch + transformsAt());
}

/**
 * The second: multiplies all tiles of a block at some points. A split by points reads each value of
 * the filter once.
 *
 * @param products - The results, [point, tile, slot, high channels].
 * @param points - What {@link winogradLowPoints} made of all tiles.
 */
export function winogradProducts(
  table: usize,
  products: usize,
  points: usize,
  filter: usize,
  count: i32,
  firstPoint: i32,
  lastPoint: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const inChannels = winograd.lowChannels;
  const outChannels = winograd.highChannels;
  for (let point = firstPoint; point < lastPoint; point++) {
    const from = before(table, point);
    const n = (before(table, point + 1) - from) * outChannels;
    gemm(
      products + (<usize>(from * count * outChannels) << 2),
      n,
      points + (<usize>(point * count * inChannels) << 2),
      inChannels,
      1,
      filter + (<usize>(from * inChannels * outChannels) << 2),
      winograd.zeros,
      count,
      n,
      inChannels,
      scratch,
    );
  }
}

/**
 * The third: transforms the products of some tiles to pixels of the high image. Its arguments are
 * those of {@link winogradLowPoints}.
 */
export function winogradHigh(
  table: usize,
  products: usize,
  block: i32,
  count: i32,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const addresses = scratch + transformsAt();
  const targets = addresses + ADDRESSES;
  const room = targets + ADDRESSES;
  const bytes = (<usize>winograd.highChannels) << 2;
  let seen = f32x4.splat(0);
  for (let tile = first; tile < last; tile++) {
    for (let p = 0; p < winograd.phases; p++) {
      findHigh(table, block + tile, p, false, targets, winograd.waste);
      findSlots(table, p, addresses, products, tile, count, bytes, winograd.zeros);
      seen = gatherPoints(winograd, targets, addresses, winograd.zeros, bytes, room, seen);
    }
  }
  report(winograd, seen);
}
