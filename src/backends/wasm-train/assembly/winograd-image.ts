import { gemm } from './gemm';
import { findHigh, findLow, findPoints, findSlots, TILE, WINDOW } from './winograd-places';
import { before, pointBytes, POINTS, report, Winograd } from './winograd-table';
import { ADDRESSES, gatherPoints, transformWindow } from './winograd-tile';

/** Transforms `count` tiles of every phase of the high image to [point, tile, slot, channels]. */
export function transformHigh(
  table: usize,
  to: usize,
  firstTile: i32,
  count: i32,
  addresses: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const bytes = (<usize>winograd.highChannels) << 2;
  const targets = addresses + ADDRESSES;
  for (let tile = 0; tile < count; tile++) {
    for (let p = 0; p < winograd.phases; p++) {
      findHigh(table, firstTile + tile, p, WINDOW, addresses, winograd.zeros);
      findSlots(table, p, targets, to, tile, count, bytes, winograd.waste);
      transformWindow(targets, addresses, bytes);
    }
  }
}

/**
 * Low = start + the convolution of high.
 *
 * @param filter - For each point, what packMatrix made of [slot · high channels, low channels].
 * @param start - What is added to each channel.
 * @param scratch - Room for gemm, 128 bytes, what the window's points take and what the products take.
 * @param work - Where in `scratch` gemm's room ends.
 */
export function winogradForward(
  table: usize,
  filter: usize,
  start: usize,
  firstBlock: i32,
  lastBlock: i32,
  scratch: usize,
  work: i32,
): void {
  const winograd = changetype<Winograd>(table);
  const addresses = scratch + work;
  const points = addresses + 2 * ADDRESSES;
  const products = points + pointBytes(table, winograd.highChannels);
  const inChannels = winograd.highChannels;
  const outChannels = winograd.lowChannels;
  const bytes = (<usize>outChannels) << 2;
  const targets = addresses + ADDRESSES;
  const tiles = winograd.batch * winograd.tilesY * winograd.tilesX;
  let seen = f32x4.splat(0);
  for (let block = firstBlock; block < lastBlock; block++) {
    const first = block * winograd.block;
    const count = min(tiles - first, winograd.block);
    transformHigh(table, points, first, count, addresses);
    for (let point = 0; point < POINTS; point++) {
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
      findLow(table, first + tile, TILE, targets, winograd.waste);
      findPoints(addresses, products, tile, count, bytes);
      seen = gatherPoints(targets, addresses, start, bytes, seen);
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
  work: i32,
): void {
  const winograd = changetype<Winograd>(table);
  const addresses = scratch + work;
  const points = addresses + 2 * ADDRESSES;
  const inChannels = winograd.lowChannels;
  const outChannels = winograd.highChannels;
  const products = points + <usize>(POINTS * winograd.block) * ((<usize>inChannels) << 2);
  const inBytes = (<usize>inChannels) << 2;
  const outBytes = (<usize>outChannels) << 2;
  const targets = addresses + ADDRESSES;
  const tiles = winograd.batch * winograd.tilesY * winograd.tilesX;
  let seen = f32x4.splat(0);
  for (let block = firstBlock; block < lastBlock; block++) {
    const first = block * winograd.block;
    const count = min(tiles - first, winograd.block);
    for (let tile = 0; tile < count; tile++) {
      findLow(table, first + tile, WINDOW, addresses, winograd.zeros);
      findPoints(targets, points, tile, count, inBytes);
      transformWindow(targets, addresses, inBytes);
    }
    for (let point = 0; point < POINTS; point++) {
      const from = before(table, point);
      const n = (before(table, point + 1) - from) * outChannels;
      gemm(
        products + <usize>(from * count) * outBytes,
        n,
        points + <usize>(point * count) * inBytes,
        inChannels,
        1,
        filter + ((<usize>(from * inChannels * outChannels)) << 2),
        winograd.zeros,
        count,
        n,
        inChannels,
        scratch,
      );
    }
    for (let tile = 0; tile < count; tile++) {
      for (let p = 0; p < winograd.phases; p++) {
        findHigh(table, first + tile, p, TILE, targets, winograd.waste);
        findSlots(table, p, addresses, products, tile, count, outBytes, winograd.zeros);
        seen = gatherPoints(targets, addresses, winograd.zeros, outBytes, seen);
      }
    }
  }
  report(winograd, seen);
}
