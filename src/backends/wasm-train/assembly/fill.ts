/** Whether `count` floats from `source` on are neither infinite nor NaN. */
export function areFinite(source: usize, count: usize): boolean {
  const zero = f32x4.splat(0);
  const end = source + (count << 2);
  const vectorEnd = source + ((count & ~3) << 2);
  // Zero times a number is zero, and times infinity or NaN is NaN, which stays.
  let lanes = zero;
  for (; source < vectorEnd; source += 16) {
    lanes = f32x4.add(lanes, f32x4.mul(v128.load(source), zero));
  }
  let rest: f32 = 0;
  for (; source < end; source += 4) rest += load<f32>(source) * 0;
  return i32x4.all_true(f32x4.eq(lanes, zero)) && rest == 0;
}

/** Writes `value` to `count` floats from `target` on. */
export function fillFloats(target: usize, count: usize, value: f32): void {
  const lanes = f32x4.splat(value);
  const end = target + (count << 2);
  const vectorEnd = target + ((count & ~3) << 2);
  for (; target < vectorEnd; target += 16) v128.store(target, lanes);
  for (; target < end; target += 4) store<f32>(target, value);
}
