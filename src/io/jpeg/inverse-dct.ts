/** How many bits after the point the constants have, and the result of the first pass has. */
const [constantBits, passBits] = [13, 2];

/** √2 · cos(kπ/16) and their sums, times 2¹³, as section 4 of the paper names them. */
const c0298 = 2446;
const c0390 = 3196;
const c0541 = 4433;
const c0765 = 6270;
const c0899 = 7373;
const c1175 = 9633;
const c1501 = 12299;
const c1847 = 15137;
const c1961 = 16069;
const c2053 = 16819;
const c2562 = 20995;
const c3072 = 25172;

/**
 * Turns the 64 frequencies of a block into its pixels.
 *
 * In integers, by the algorithm and with the precision of the Independent JPEG Group's accurate
 * method, so that the pixels are those of libjpeg, bit-for-bit.
 *
 * @param frequencies - In row-major order, dequantized; overwritten.
 * @param pixels - Where to write.
 * @param at - Position of the block's first pixel.
 * @param stride - Pixels in a row.
 *
 * @see Loeffler, Ligtenberg and Moschytz 1989, "Practical Fast 1-D DCT Algorithms with 11
 *   Multiplications".
 *
 * @internal
 */
export function inverseDct(
  frequencies: Int32Array,
  pixels: Uint8Array,
  at: number,
  stride: number,
): void {
  for (let column = 0; column < 8; column += 1) {
    transform(frequencies, column, 8, constantBits - passBits);
  }
  for (let row = 0; row < 8; row += 1) {
    transform(frequencies, row * 8, 1, constantBits + passBits + 3);
    const start = at + row * stride;
    for (let column = 0; column < 8; column += 1) {
      const value = frequencies[row * 8 + column]! + 128;
      pixels[start + column] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
}

/** Eight values, `step` apart, in place; the result is divided by 2^`shift` and rounded. */
function transform(values: Int32Array, first: number, step: number, shift: number): void {
  const [i1, i2, i3, i4] = [first + step, first + 2 * step, first + 3 * step, first + 4 * step];
  const [i5, i6, i7] = [first + 5 * step, first + 6 * step, first + 7 * step];
  const half = 1 << (shift - 1);

  const e0 = values[first]!;
  const e4 = values[i4]!;
  const e2 = values[i2]!;
  const e6 = values[i6]!;
  const shared = (e2 + e6) * c0541;
  const low = shared - e6 * c1847;
  const high = shared + e2 * c0765;
  const sum = (e0 + e4) * (1 << constantBits);
  const difference = (e0 - e4) * (1 << constantBits);
  const even0 = sum + high + half;
  const even3 = sum - high + half;
  const even1 = difference + low + half;
  const even2 = difference - low + half;

  const o1 = values[i1]!;
  const o3 = values[i3]!;
  const o5 = values[i5]!;
  const o7 = values[i7]!;
  const z5 = (o7 + o3 + o5 + o1) * c1175;
  const z1 = (o7 + o1) * -c0899;
  const z2 = (o5 + o3) * -c2562;
  const z3 = (o7 + o3) * -c1961 + z5;
  const z4 = (o5 + o1) * -c0390 + z5;
  const odd0 = o7 * c0298 + z1 + z3;
  const odd1 = o5 * c2053 + z2 + z4;
  const odd2 = o3 * c3072 + z2 + z3;
  const odd3 = o1 * c1501 + z1 + z4;

  values[first] = (even0 + odd3) >> shift;
  values[i7] = (even0 - odd3) >> shift;
  values[i1] = (even1 + odd2) >> shift;
  values[i6] = (even1 - odd2) >> shift;
  values[i2] = (even2 + odd1) >> shift;
  values[i5] = (even2 - odd1) >> shift;
  values[i3] = (even3 + odd0) >> shift;
  values[i4] = (even3 - odd0) >> shift;
}
