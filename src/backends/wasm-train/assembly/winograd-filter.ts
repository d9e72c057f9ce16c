import { gemm, packMatrix } from './gemm';
import { transformHigh } from './winograd-image';
import { findLow, findPoints, TILE } from './winograd-places';
import {
  before,
  phaseAt,
  pointBytes,
  POINTS,
  report,
  slotOf,
  TAPS_AT,
  Winograd,
} from './winograd-table';
import { ADDRESSES, spreadTile } from './winograd-tile';

@inline
function half(sum: v128): v128 {
  return f32x4.mul(sum, f32x4.splat(0.5));
}

/**
 * Transforms the filter, [taps, high channels, low channels], to [point, slot, high channels, low channels].
 *
 * @param first - The first pair of channels; a multiple of four.
 * @param last - One past the last.
 */
export function winogradFilter(
  table: usize,
  to: usize,
  filter: usize,
  first: i32,
  last: i32,
): void {
  const winograd = changetype<Winograd>(table);
  const size = <usize>(winograd.highChannels * winograd.lowChannels) << 2;
  const zero = f32x4.splat(0);
  for (let p = 0; p < winograd.phases; p++) {
    const phase = phaseAt(table, p);
    for (let at = <usize>first << 2; at < <usize>last << 2; at += 16) {
      for (let i = 0; i < 4; i++) {
        // Row i of G · g.
        let g0 = zero;
        let g1 = zero;
        let g2 = zero;
        for (let column = 0; column < 3; column++) {
          const tap0 = load<i32>(phase + TAPS_AT + (column << 2));
          const tap1 = load<i32>(phase + TAPS_AT + ((3 + column) << 2));
          const tap2 = load<i32>(phase + TAPS_AT + ((6 + column) << 2));
          const v0 = tap0 < 0 ? zero : v128.load(filter + <usize>tap0 * size + at);
          const v1 = tap1 < 0 ? zero : v128.load(filter + <usize>tap1 * size + at);
          const v2 = tap2 < 0 ? zero : v128.load(filter + <usize>tap2 * size + at);
          let v: v128;
          if (i == 0) v = v0;
          else if (i == 1) v = half(f32x4.add(f32x4.add(v0, v2), v1));
          else if (i == 2) v = half(f32x4.sub(f32x4.add(v0, v2), v1));
          else v = v2;
          if (column == 0) g0 = v;
          else if (column == 1) g1 = v;
          else g2 = v;
        }
        const point = i * 4;
        const ends = f32x4.add(g0, g2);
        storePoint(table, phase, to, size, point, at, g0);
        storePoint(table, phase, to, size, point + 1, at, half(f32x4.add(ends, g1)));
        storePoint(table, phase, to, size, point + 2, at, half(f32x4.sub(ends, g1)));
        storePoint(table, phase, to, size, point + 3, at, g2);
      }
    }
  }
}

@inline
function storePoint(
  table: usize,
  phase: usize,
  to: usize,
  size: usize,
  point: i32,
  at: usize,
  value: v128,
): void {
  const slot = slotOf(phase, point);
  if (slot < 0) return;
  v128.store(to + <usize>(before(table, point) + slot) * size + at, value);
}

/**
 * Sums the products of a filter's gradient over some of the tiles, at the points: [point, slot, high channels, low channels].
 *
 * @param to - Where the sums go.
 * @param scratch - Room for gemm, 128 bytes, and what the points of both images and one packed matrix take.
 */
export function winogradFilterSums(
  table: usize,
  to: usize,
  firstBlock: i32,
  lastBlock: i32,
  scratch: usize,
  work: i32,
): void {
  const winograd = changetype<Winograd>(table);
  const addresses = scratch + work;
  const points = addresses + 2 * ADDRESSES;
  const inChannels = winograd.highChannels;
  const outChannels = winograd.lowChannels;
  const gradients = points + pointBytes(table, inChannels);
  const bytes = <usize>outChannels << 2;
  const packed = gradients + <usize>(POINTS * winograd.block) * bytes;
  const targets = addresses + ADDRESSES;
  const tiles = winograd.batch * winograd.tilesY * winograd.tilesX;
  for (let block = firstBlock; block < lastBlock; block++) {
    const first = block * winograd.block;
    const count = min(tiles - first, winograd.block);
    transformHigh(table, points, first, count, addresses);
    for (let tile = 0; tile < count; tile++) {
      findLow(table, first + tile, TILE, addresses, winograd.zeros);
      findPoints(targets, gradients, tile, count, bytes);
      spreadTile(targets, addresses, bytes);
    }
    for (let point = 0; point < POINTS; point++) {
      const from = before(table, point);
      const rows = (before(table, point + 1) - from) * inChannels;
      packMatrix(packed, gradients + <usize>(point * count) * bytes, outChannels, 1, count, outChannels, count);
      gemm(
        to + (<usize>(from * inChannels * outChannels) << 2),
        outChannels,
        points + (<usize>(from * count * inChannels) << 2),
        1,
        rows,
        packed,
        block == firstBlock ? winograd.zeros : 0,
        rows,
        outChannels,
        count,
        scratch,
      );
    }
  }
}

/**
 * Adds up the sums of {@link winogradFilterSums} and takes them back to taps: Gᵀ · u · G.
 *
 * @param filter - The gradient, [taps, high channels, low channels].
 * @param sums - `parts` of them, one after another.
 */
export function winogradFilterGradient(
  table: usize,
  filter: usize,
  sums: usize,
  parts: i32,
  first: i32,
  last: i32,
  scratch: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const size = <usize>(winograd.highChannels * winograd.lowChannels) << 2;
  const partBytes = <usize>before(table, POINTS) * size;
  let seen = f32x4.splat(0);
  for (let p = 0; p < winograd.phases; p++) {
    const phase = phaseAt(table, p);
    for (let c = <usize>first << 2; c < <usize>last << 2; c += 16) {
      for (let i = 0; i < 4; i++) {
        const u0 = sumAt(table, phase, sums + c, i * 4, size, parts, partBytes);
        const u1 = sumAt(table, phase, sums + c, i * 4 + 1, size, parts, partBytes);
        const u2 = sumAt(table, phase, sums + c, i * 4 + 2, size, parts, partBytes);
        const u3 = sumAt(table, phase, sums + c, i * 4 + 3, size, parts, partBytes);
        const mean = half(f32x4.add(u1, u2));
        const row = scratch + <usize>i * 48;
        v128.store(row, f32x4.add(u0, mean));
        v128.store(row, half(f32x4.sub(u1, u2)), 16);
        v128.store(row, f32x4.add(mean, u3), 32);
      }
      for (let column = 0; column < 3; column++) {
        const at = scratch + <usize>column * 16;
        const r1 = v128.load(at, 48);
        const r2 = v128.load(at, 96);
        const mean = half(f32x4.add(r1, r2));
        const g0 = f32x4.add(v128.load(at), mean);
        const g1 = half(f32x4.sub(r1, r2));
        const g2 = f32x4.add(mean, v128.load(at, 144));
        seen = f32x4.add(seen, storeTap(phase, filter + c, column, size, g0));
        seen = f32x4.add(seen, storeTap(phase, filter + c, 3 + column, size, g1));
        seen = f32x4.add(seen, storeTap(phase, filter + c, 6 + column, size, g2));
      }
    }
  }
  report(winograd, seen);
}

@inline
function sumAt(
  table: usize,
  phase: usize,
  sums: usize,
  point: i32,
  size: usize,
  parts: i32,
  partBytes: usize,
): v128 {
  const slot = slotOf(phase, point);
  let sum = f32x4.splat(0);
  if (slot < 0) return sum;
  let at = sums + <usize>(before(table, point) + slot) * size;
  for (let part = 0; part < parts; part++) {
    sum = f32x4.add(sum, v128.load(at));
    at += partBytes;
  }
  return sum;
}

@inline
function storeTap(phase: usize, filter: usize, place: i32, size: usize, value: v128): v128 {
  const tap = load<i32>(phase + TAPS_AT + (place << 2));
  if (tap < 0) return f32x4.splat(0);
  v128.store(filter + <usize>tap * size, value);
  return f32x4.mul(value, f32x4.splat(0));
}
