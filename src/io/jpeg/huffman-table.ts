import { damagedJpeg } from './jpeg-error.ts';

/** Bits that one look into the table decodes. Most codes are shorter. @internal */
export const fastBits: number = 9;

/** A code of variable length for the numbers 0…255. @internal */
export interface HuffmanTable {
  /**
   * For the next {@link fastBits} bits: `length << 8 | value` of the code they begin with, 0 if it
   * is longer.
   */
  readonly fast: Uint16Array;
  /** The largest code of each length, −1 if there is none. */
  readonly largest: Int32Array;
  /** What to add to a code of each length for its position among `values`. */
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

/**
 * The table of a DHT segment.
 *
 * @param counts - How many codes have 1, 2, … 16 bits.
 * @param values - What the codes stand for, the shortest first.
 *
 * @see ITU-T T.81, annex C and section F.2.2.3.
 *
 * @internal
 */
export function huffmanTable(counts: Uint8Array, values: Uint8Array): HuffmanTable {
  const fast = new Uint16Array(1 << fastBits);
  const largest = new Int32Array(17).fill(-1);
  const offsets = new Int32Array(17);
  let code = 0;
  let position = 0;
  for (let length = 1; length <= 16; length += 1) {
    const count = counts[length - 1]!;
    offsets[length] = position - code;
    for (let i = 0; i < count; i += 1) {
      if (length <= fastBits) {
        const entry = (length << 8) | values[position]!;
        const first = code << (fastBits - length);
        fast.fill(entry, first, first + (1 << (fastBits - length)));
      }
      code += 1;
      position += 1;
    }
    if (code > 1 << length) throw damagedJpeg('a Huffman table has too many codes');
    if (count > 0) largest[length] = code - 1;
    code <<= 1;
  }
  return { fast, largest, offsets, values };
}
