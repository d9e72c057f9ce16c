/** Bytes from one value of a line to the next: of vectors, and of addresses of rows of channels. */
export const NEAR: usize = 16;
export const FAR: usize = 4;

/**
 * A value of a line: a vector at `at`, or the one at `channel` of the row whose address is there.
 */
@inline
export function read(at: usize, channel: usize, isFar: bool): v128 {
  return isFar ? v128.load(<usize>load<u32>(at) + channel) : v128.load(at);
}

/** As {@link read}. */
@inline
export function write(at: usize, channel: usize, isFar: bool, value: v128): void {
  if (isFar) v128.store(<usize>load<u32>(at) + channel, value);
  else v128.store(at, value);
}

@inline
export function times(value: v128, factor: f32): v128 {
  return f32x4.mul(value, f32x4.splat(factor));
}
