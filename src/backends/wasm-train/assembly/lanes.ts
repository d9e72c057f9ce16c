/** The next four channels, or those that are left, with zeros for the others. */
@inline
export function loadLanes(at: usize, left: i32): v128 {
  if (left >= 4) return v128.load(at);
  let v = v128.load32_zero(at);
  if (left > 1) v = f32x4.replace_lane(v, 1, load<f32>(at, 4));
  if (left > 2) v = f32x4.replace_lane(v, 2, load<f32>(at, 8));
  return v;
}

/** Stores the next four channels, or those that are left. */
@inline
export function storeLanes(at: usize, v: v128, left: i32): void {
  if (left >= 4) {
    v128.store(at, v);
    return;
  }
  v128.store32_lane(at, v, 0);
  if (left > 1) v128.store32_lane(at, v, 1, 4);
  if (left > 2) v128.store32_lane(at, v, 2, 8);
}

/** The two upper floats, moved down. */
@inline
export function upper(x: v128): v128 {
  return i64x2.shuffle(x, x, 1, 1);
}
