/**
 * Numbers of 32 bits as IEEE 754 binary16, rounded to the nearest, ties to even: 1 bit of sign, 5
 * of exponent, 10 of fraction.
 *
 * @internal
 */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, toHalf);
}

/** Largest number that a half holds. @internal */
export const largestHalf = 65_504;

function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fff_ffff;
  // Infinite and not a number.
  if (size >= 0x7f80_0000) return sign | (size > 0x7f80_0000 ? 0x7e00 : 0x7c00);
  const exponent = (size >>> 23) - 127 + 15;
  if (exponent >= 31) return sign | 0x7c00;
  const fraction = (size & 0x7f_ffff) | (size >= 0x80_0000 ? 0x80_0000 : 0);
  // Below the smallest exponent the fraction moves right, its leading one included.
  const shift = exponent > 0 ? 13 : Math.min(14 - exponent, 31);
  const kept = fraction >>> shift;
  const rest = fraction & ((2 ** shift - 1) >>> 0);
  const middle = 2 ** (shift - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
  // The leading one of the fraction counts as one of the exponent, and so does a carry of the
  // rounding.
  return sign | ((exponent > 0 ? (exponent - 1) << 10 : 0) + kept + up);
}
