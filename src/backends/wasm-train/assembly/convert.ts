/** target = value by value 0 or 1 as a float, from bytes. */
export function boolsToFloats(target: usize, x: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(target + (i << 2), f32x4.convert_i32x4_u(load4Bytes(x + i)));
  }
  for (; i < count; i++) store<f32>(target + (i << 2), <f32>load<u8>(x + i));
}

/** target = the nearest float of each 32-bit integer. */
export function integersToFloats(target: usize, x: usize, count: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(target + (i << 2), f32x4.convert_i32x4_s(v128.load(x + (i << 2))));
  }
  for (; i < count; i++) store<f32>(target + (i << 2), <f32>load<i32>(x + (i << 2)));
}

/** target = whenTrue where the byte of `condition` is 1, else whenFalse. */
export function select(
  target: usize,
  condition: usize,
  whenTrue: usize,
  whenFalse: usize,
  count: usize,
): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const mask = i32x4.eq(load4Bytes(condition + i), i32x4.splat(1));
    const at = i << 2;
    v128.store(
      target + at,
      v128.bitselect(v128.load(whenTrue + at), v128.load(whenFalse + at), mask),
    );
  }
  for (; i < count; i++) {
    const at = i << 2;
    const from = load<u8>(condition + i) == 1 ? whenTrue : whenFalse;
    store<f32>(target + at, load<f32>(from + at));
  }
}

/** Four bytes as four 32-bit integers. */
@inline
function load4Bytes(x: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x)));
}
