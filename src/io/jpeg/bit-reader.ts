import { fastBits, type HuffmanTable } from './huffman-table.ts';
import { cutJpeg, damagedJpeg } from './jpeg-error.ts';

/**
 * The bits of a scan, the highest of each byte first.
 *
 * A zero byte after 255 is left out; another byte there is a marker, which ends the bits. A code
 * may be looked up with bits from behind the end, but none of those may be used.
 *
 * @see ITU-T T.81, sections B.1.1.5 and F.2.2.5.
 *
 * @internal
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  /** How many of the lowest bits at hand lie behind the end. */
  #absent = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Position of the byte after those in use: that of a marker, if one has been met. */
  get position(): number {
    return this.#at;
  }

  /** One bit. */
  bit(): number {
    return this.bits(1);
  }

  /** A number of up to 16 bits. */
  bits(length: number): number {
    if (length === 0) return 0;
    if (this.#count < length) this.#fill();
    const value = (this.#bits >>> (this.#count - length)) & ((1 << length) - 1);
    this.#use(length);
    return value;
  }

  /** A number of `length` bits, of which the lower half of the values stands for negative ones. */
  signed(length: number): number {
    const value = this.bits(length);
    return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  /** What the next code stands for. */
  symbol({ fast, largest, offsets, values }: HuffmanTable): number {
    if (this.#count < 16) this.#fill();
    const next = (this.#bits >>> (this.#count - 16)) & 0xffff;
    const entry = fast[next >>> (16 - fastBits)]!;
    if (entry !== 0) {
      this.#use(entry >>> 8);
      return entry & 0xff;
    }
    for (let length = fastBits + 1; length <= 16; length += 1) {
      const code = next >>> (16 - length);
      if (code > largest[length]!) continue;
      this.#use(length);
      return values[code + offsets[length]!]!;
    }
    throw damagedJpeg('its pixels have a code that is in no table');
  }

  /** Begins anew behind a restart marker. */
  restart(): void {
    const bytes = this.#bytes;
    this.#drop();
    // Fill bytes may stand before a marker.
    while (bytes[this.#at] === 0xff && bytes[this.#at + 1] === 0xff) this.#at += 1;
    const marker = bytes[this.#at + 1];
    if (marker === undefined) throw cutJpeg('its pixels end early');
    if (bytes[this.#at] !== 0xff || (marker & 0xf8) !== 0xd0) {
      throw damagedJpeg('its pixels have no restart marker where one is due');
    }
    this.#at += 2;
  }

  #drop(): void {
    // Whole bytes that were read ahead go back; the rest of the byte in use is padding.
    for (let ahead = (this.#count - this.#absent) >> 3; ahead > 0; ahead -= 1) {
      this.#at -= 1;
      if (this.#bytes[this.#at] === 0 && this.#bytes[this.#at - 1] === 0xff) this.#at -= 1;
    }
    this.#bits = 0;
    this.#count = 0;
    this.#absent = 0;
  }

  #use(length: number): void {
    this.#count -= length;
    if (this.#count < this.#absent) {
      const isCut = this.#at >= this.#bytes.length;
      throw isCut
        ? cutJpeg('its pixels end early')
        : damagedJpeg('a marker stands amid its pixels');
    }
  }

  /** Brings at least 16 bits to hand. */
  #fill(): void {
    const bytes = this.#bytes;
    while (this.#count <= 16) {
      const byte = bytes[this.#at];
      const isEnd = byte === undefined || (byte === 0xff && bytes[this.#at + 1] !== 0);
      if (isEnd) {
        this.#bits <<= 8;
        this.#absent += 8;
      } else {
        this.#bits = (this.#bits << 8) | byte;
        this.#at += byte === 0xff ? 2 : 1;
      }
      this.#count += 8;
    }
  }
}
