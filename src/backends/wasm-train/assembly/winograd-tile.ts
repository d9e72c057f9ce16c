/** Bytes of sixteen addresses, one for each point or pixel of a window. */
export const ADDRESSES: usize = 64;

@inline
function at(addresses: usize, index: i32, offset: usize): usize {
  return <usize>load<u32>(addresses + (index << 2)) + offset;
}

/** Sixteen pixels of a window to sixteen points: Bᵀ · d · B. */
export function transformWindow(targets: usize, sources: usize, bytes: usize): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    const d0 = v128.load(at(sources, 0, c));
    const d1 = v128.load(at(sources, 1, c));
    const d2 = v128.load(at(sources, 2, c));
    const d3 = v128.load(at(sources, 3, c));
    const d4 = v128.load(at(sources, 4, c));
    const d5 = v128.load(at(sources, 5, c));
    const d6 = v128.load(at(sources, 6, c));
    const d7 = v128.load(at(sources, 7, c));
    const d8 = v128.load(at(sources, 8, c));
    const d9 = v128.load(at(sources, 9, c));
    const d10 = v128.load(at(sources, 10, c));
    const d11 = v128.load(at(sources, 11, c));
    transformRow(targets, 0, c, f32x4.sub(d0, d8), f32x4.sub(d1, d9), f32x4.sub(d2, d10), f32x4.sub(d3, d11));
    transformRow(targets, 4, c, f32x4.add(d4, d8), f32x4.add(d5, d9), f32x4.add(d6, d10), f32x4.add(d7, d11));
    transformRow(targets, 8, c, f32x4.sub(d8, d4), f32x4.sub(d9, d5), f32x4.sub(d10, d6), f32x4.sub(d11, d7));
    const d12 = v128.load(at(sources, 12, c));
    const d13 = v128.load(at(sources, 13, c));
    const d14 = v128.load(at(sources, 14, c));
    const d15 = v128.load(at(sources, 15, c));
    transformRow(targets, 12, c, f32x4.sub(d4, d12), f32x4.sub(d5, d13), f32x4.sub(d6, d14), f32x4.sub(d7, d15));
  }
}

@inline
function transformRow(targets: usize, point: i32, c: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(at(targets, point, c), f32x4.sub(v0, v2));
  v128.store(at(targets, point + 1, c), f32x4.add(v1, v2));
  v128.store(at(targets, point + 2, c), f32x4.sub(v2, v1));
  v128.store(at(targets, point + 3, c), f32x4.sub(v1, v3));
}

/** Four pixels of a tile to sixteen points, as their gradient goes: A · y · Aᵀ. */
export function spreadTile(targets: usize, sources: usize, bytes: usize): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    const y0 = v128.load(at(sources, 0, c));
    const y1 = v128.load(at(sources, 1, c));
    const y2 = v128.load(at(sources, 2, c));
    const y3 = v128.load(at(sources, 3, c));
    spreadRow(targets, 0, c, y0, y1);
    spreadRow(targets, 4, c, f32x4.add(y0, y2), f32x4.add(y1, y3));
    spreadRow(targets, 8, c, f32x4.sub(y0, y2), f32x4.sub(y1, y3));
    spreadRow(targets, 12, c, f32x4.neg(y2), f32x4.neg(y3));
  }
}

@inline
function spreadRow(targets: usize, point: i32, c: usize, v0: v128, v1: v128): void {
  v128.store(at(targets, point, c), v0);
  v128.store(at(targets, point + 1, c), f32x4.add(v0, v1));
  v128.store(at(targets, point + 2, c), f32x4.sub(v0, v1));
  v128.store(at(targets, point + 3, c), f32x4.neg(v1));
}

/**
 * Sixteen points to the four pixels of a tile: start + Aᵀ · m · A.
 *
 * @returns Zeros, or something else where a result is not finite.
 */
export function gatherPoints(targets: usize, sources: usize, start: usize, bytes: usize, seen: v128): v128 {
  const zero = f32x4.splat(0);
  for (let c: usize = 0; c < bytes; c += 16) {
    const m4 = v128.load(at(sources, 4, c));
    const m5 = v128.load(at(sources, 5, c));
    const m6 = v128.load(at(sources, 6, c));
    const m7 = v128.load(at(sources, 7, c));
    const m8 = v128.load(at(sources, 8, c));
    const m9 = v128.load(at(sources, 9, c));
    const m10 = v128.load(at(sources, 10, c));
    const m11 = v128.load(at(sources, 11, c));
    const a0 = f32x4.add(f32x4.add(v128.load(at(sources, 0, c)), m4), m8);
    const a1 = f32x4.add(f32x4.add(v128.load(at(sources, 1, c)), m5), m9);
    const a2 = f32x4.add(f32x4.add(v128.load(at(sources, 2, c)), m6), m10);
    const a3 = f32x4.add(f32x4.add(v128.load(at(sources, 3, c)), m7), m11);
    const b0 = f32x4.sub(f32x4.sub(m4, m8), v128.load(at(sources, 12, c)));
    const b1 = f32x4.sub(f32x4.sub(m5, m9), v128.load(at(sources, 13, c)));
    const b2 = f32x4.sub(f32x4.sub(m6, m10), v128.load(at(sources, 14, c)));
    const b3 = f32x4.sub(f32x4.sub(m7, m11), v128.load(at(sources, 15, c)));
    const bias = v128.load(start + c);
    const y0 = f32x4.add(f32x4.add(f32x4.add(a0, a1), a2), bias);
    const y1 = f32x4.add(f32x4.sub(f32x4.sub(a1, a2), a3), bias);
    const y2 = f32x4.add(f32x4.add(f32x4.add(b0, b1), b2), bias);
    const y3 = f32x4.add(f32x4.sub(f32x4.sub(b1, b2), b3), bias);
    v128.store(at(targets, 0, c), y0);
    v128.store(at(targets, 1, c), y1);
    v128.store(at(targets, 2, c), y2);
    v128.store(at(targets, 3, c), y3);
    // Zero times a number is zero, and times infinity or NaN is NaN, which stays.
    seen = f32x4.add(seen, f32x4.mul(f32x4.add(f32x4.mul(y0, zero), f32x4.mul(y1, zero)), zero));
    seen = f32x4.add(seen, f32x4.add(f32x4.mul(y2, zero), f32x4.mul(y3, zero)));
  }
  return seen;
}
