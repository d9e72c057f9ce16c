import { filterOfFour, gatherOfFour, spreadOfFour, tapsOfFour, windowOfFour } from './winograd-four';
import { before, slotOf, TAPS_AT, Winograd } from './winograd-table';
import { filterOfTwo, gatherOfTwo, spreadOfTwo, tapsOfTwo, windowOfTwo } from './winograd-two';
import { FAR, NEAR } from './winograd-value';

/** Bytes of the addresses of all points or pixels of a tile: at most six by six. */
export const ADDRESSES: usize = 192;
/**
 * Bytes of channels transformed at a time: a cache line, so that each line of memory is met once.
 * Rows of channels are often a power of two apart, and then push each other out of the cache.
 */
export const LINE: usize = 64;
/** Vectors of one channel of all points. */
const VECTORS: usize = 36;
/** Bytes of those of a line. */
const ROOM: usize = VECTORS * LINE;
/** Bytes that one thread's transforms need. */
export const TRANSFORM_BYTES: usize = 3 * ROOM;

const enum Kind {
  Window,
  Spread,
  Gather,
  Filter,
  Taps,
}

@inline
function line(kind: Kind, tile: i32, from: usize, step: usize, isFar: bool, to: usize, toStep: usize, isToFar: bool, c: usize): void {
  if (kind == Kind.Window) {
    if (tile == 2) windowOfTwo(from, step, isFar, to, toStep, isToFar, c);
    else windowOfFour(from, step, isFar, to, toStep, isToFar, c);
  } else if (kind == Kind.Spread) {
    if (tile == 2) spreadOfTwo(from, step, isFar, to, toStep, isToFar, c);
    else spreadOfFour(from, step, isFar, to, toStep, isToFar, c);
  } else if (kind == Kind.Gather) {
    if (tile == 2) gatherOfTwo(from, step, isFar, to, toStep, isToFar, c);
    else gatherOfFour(from, step, isFar, to, toStep, isToFar, c);
  } else if (kind == Kind.Filter) {
    if (tile == 2) filterOfTwo(from, step, isFar, to, toStep, isToFar, c);
    else filterOfFour(from, step, isFar, to, toStep, isToFar, c);
  } else {
    if (tile == 2) tapsOfTwo(from, step, isFar, to, toStep, isToFar, c);
    else tapsOfFour(from, step, isFar, to, toStep, isToFar, c);
  }
}

/**
 * Transforms a square along x, by rows, and then along y.
 *
 * @param from - Addresses where `step` is FAR, and else for each vector of the line its square.
 * @param to - As `from`.
 * @param c - Where the line begins in rows of channels.
 * @param width - Bytes of the line that there are.
 */
@inline
function transform(
  kind: Kind,
  winograd: Winograd,
  from: usize,
  step: usize,
  to: usize,
  toStep: usize,
  c: usize,
  width: usize,
  rows: i32,
  columns: i32,
  toColumns: i32,
  room: usize,
): void {
  const tileX = winograd.tileX;
  const tileY = winograd.tileY;
  const roomRow = <usize>toColumns * NEAR;
  let at = room;
  for (let i = 0; i < rows; i++) {
    for (let v: usize = 0; v < width; v += NEAR) {
      const source = step == FAR ? from : from + v * VECTORS;
      line(kind, tileX, source, step, step == FAR, at + v * VECTORS, NEAR, false, c + v);
    }
    from += <usize>columns * step;
    at += roomRow;
  }
  at = room;
  for (let j = 0; j < toColumns; j++) {
    for (let v: usize = 0; v < width; v += NEAR) {
      const target = toStep == FAR ? to : to + v * VECTORS;
      const targetRow = <usize>toColumns * toStep;
      line(kind, tileY, at + v * VECTORS, roomRow, false, target, targetRow, toStep == FAR, c + v);
    }
    at += NEAR;
    to += toStep;
  }
}

/** Pixels of a window to points: Bᵀ · d · B. */
export function transformWindow(winograd: Winograd, to: usize, from: usize, bytes: usize, room: usize): void {
  const sideY = winograd.sideY;
  const sideX = winograd.sideX;
  for (let c: usize = 0; c < bytes; c += LINE) {
    const width = min(bytes - c, LINE);
    transform(Kind.Window, winograd, from, FAR, to, FAR, c, width, sideY, sideX, sideX, room);
  }
}

/** Pixels of a tile to points, as their gradient goes: A · y · Aᵀ. */
export function spreadTile(winograd: Winograd, to: usize, from: usize, bytes: usize, room: usize): void {
  const tileY = winograd.tileY;
  const tileX = winograd.tileX;
  const sideX = winograd.sideX;
  for (let c: usize = 0; c < bytes; c += LINE) {
    const width = min(bytes - c, LINE);
    transform(Kind.Spread, winograd, from, FAR, to, FAR, c, width, tileY, tileX, sideX, room);
  }
}

/**
 * Points to the pixels of a tile: start + Aᵀ · m · A.
 *
 * @returns Zeros, or something else where a result is not finite.
 */
export function gatherPoints(
  winograd: Winograd,
  to: usize,
  from: usize,
  start: usize,
  bytes: usize,
  room: usize,
  seen: v128,
): v128 {
  const sideY = winograd.sideY;
  const sideX = winograd.sideX;
  const tileX = winograd.tileX;
  const pixels = winograd.tileY * tileX;
  const sums = room + ROOM;
  for (let c: usize = 0; c < bytes; c += LINE) {
    const width = min(bytes - c, LINE);
    transform(Kind.Gather, winograd, from, FAR, sums, NEAR, c, width, sideY, sideX, tileX, room);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const target = <usize>load<u32>(to + <usize>pixel * FAR) + c;
      const sum = sums + <usize>pixel * NEAR;
      for (let v: usize = 0; v < width; v += NEAR) {
        const value = f32x4.add(v128.load(sum + v * VECTORS), v128.load(start + c + v));
        v128.store(target + v, value);
        seen = f32x4.add(seen, ifNotFinite(value));
      }
    }
  }
  return seen;
}

/** Zero times a number is zero, and times infinity or NaN is NaN, which stays. */
@inline
function ifNotFinite(value: v128): v128 {
  return f32x4.mul(value, f32x4.splat(0));
}

/**
 * Taps of one phase of a filter at sixteen pairs of channels to its points: G · g · Gᵀ. Steps in
 * bytes.
 */
export function transformTaps(table: usize, phase: usize, to: usize, from: usize, step: usize, room: usize): void {
  const winograd = changetype<Winograd>(table);
  const taps = room + ROOM;
  const made = taps + ROOM;
  for (let place: usize = 0; place < 9; place++) {
    const tap = load<i32>(phase + TAPS_AT + (place << 2));
    for (let v: usize = 0; v < LINE; v += NEAR) {
      const value = tap < 0 ? f32x4.splat(0) : v128.load(from + <usize>tap * step + v);
      v128.store(taps + place * NEAR + v * VECTORS, value);
    }
  }
  transform(Kind.Filter, winograd, taps, NEAR, made, NEAR, 0, LINE, 3, 3, winograd.sideX, room);
  for (let point = 0; point < winograd.points; point++) {
    const slot = slotOf(phase, point);
    if (slot < 0) continue;
    const target = to + <usize>(before(table, point) + slot) * step;
    for (let v: usize = 0; v < LINE; v += NEAR) {
      v128.store(target + v, v128.load(made + <usize>point * NEAR + v * VECTORS));
    }
  }
}

/**
 * Points of one phase of a filter's gradient at sixteen pairs of channels to its taps: Gᵀ · u · G.
 *
 * @returns Zeros, or something else where a result is not finite.
 */
export function gatherTaps(table: usize, phase: usize, to: usize, from: usize, step: usize, room: usize): v128 {
  const winograd = changetype<Winograd>(table);
  const sums = room + ROOM;
  const made = sums + ROOM;
  for (let point = 0; point < winograd.points; point++) {
    const slot = slotOf(phase, point);
    const at = from + <usize>(before(table, point) + slot) * step;
    for (let v: usize = 0; v < LINE; v += NEAR) {
      const value = slot < 0 ? f32x4.splat(0) : v128.load(at + v);
      v128.store(sums + <usize>point * NEAR + v * VECTORS, value);
    }
  }
  transform(Kind.Taps, winograd, sums, NEAR, made, NEAR, 0, LINE, winograd.sideY, winograd.sideX, 3, room);
  let seen = f32x4.splat(0);
  for (let place: usize = 0; place < 9; place++) {
    const tap = load<i32>(phase + TAPS_AT + (place << 2));
    if (tap < 0) continue;
    for (let v: usize = 0; v < LINE; v += NEAR) {
      const value = v128.load(made + place * NEAR + v * VECTORS);
      v128.store(to + <usize>tap * step + v, value);
      seen = f32x4.add(seen, ifNotFinite(value));
    }
  }
  return seen;
}
