/** Writes `value` to `count` floats from `target` on. */
export function fillFloats(target: usize, count: usize, value: f32): void {
  const lanes = f32x4.splat(value);
  const end = target + (count << 2);
  const vectorEnd = target + ((count & ~3) << 2);
  for (; target < vectorEnd; target += 16) v128.store(target, lanes);
  for (; target < end; target += 4) store<f32>(target, value);
}
