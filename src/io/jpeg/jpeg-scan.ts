import { BitReader } from './bit-reader.ts';
import type { HuffmanTable } from './huffman-table.ts';
import { damagedJpeg } from './jpeg-error.ts';
import type { JpegComponent, JpegFrame } from './jpeg-frame.ts';

/** A component as one scan has it. @internal */
export interface ScanComponent {
  readonly component: JpegComponent;
  /** The code of its mean values; `undefined` if the scan needs none. */
  readonly dc: HuffmanTable | undefined;
  /** The code of its other frequencies. */
  readonly ac: HuffmanTable | undefined;
  /** All its frequencies, block after block, in the order of the file. */
  readonly coefficients: Int16Array;
}

/** Some frequencies of some components. @internal */
export interface JpegScan {
  readonly components: readonly ScanComponent[];
  /** The first and the last frequency it holds. */
  readonly first: number;
  readonly last: number;
  /**
   * How many of the lowest bits were left out before this scan, 0 if it is the first of these
   * frequencies.
   */
  readonly high: number;
  /** How many of the lowest bits are left out still. */
  readonly low: number;
  /** Units between two restarts, 0 without them. */
  readonly restartInterval: number;
}

/**
 * Reads the frequencies of a scan.
 *
 * @param frame - The header.
 * @param scan - What to read.
 * @param bytes - The file.
 * @param at - Position of the scan's first byte behind its header.
 * @returns Position of the next marker, or something before it.
 *
 * @see ITU-T T.81, annexes F.2 and G.2.
 *
 * @internal
 */
export function readScan(frame: JpegFrame, scan: JpegScan, bytes: Uint8Array, at: number): number {
  const reader = new BitReader(bytes, at);
  const decoder = new ScanDecoder(reader, scan, frame.progressive);
  const [single, ...others] = scan.components;
  const { restartInterval } = scan;
  const alone = others.length === 0 ? single?.component : undefined;
  const across = alone?.blocksAcross ?? frame.unitsAcross;
  const units = across * (alone?.blocksDown ?? frame.unitsDown);
  for (let unit = 0; unit < units; unit += 1) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      reader.restart();
      decoder.restart();
    }
    const column = unit % across;
    const row = (unit - column) / across;
    if (alone !== undefined) {
      decoder.block(0, row * alone.paddedAcross + column);
      continue;
    }
    scan.components.forEach(({ component }, i) => {
      const { horizontal, vertical, paddedAcross } = component;
      for (let y = 0; y < vertical; y += 1) {
        const start = (row * vertical + y) * paddedAcross + column * horizontal;
        for (let x = 0; x < horizontal; x += 1) decoder.block(i, start + x);
      }
    });
  }
  return reader.position;
}

/** What a scan carries from block to block. */
class ScanDecoder {
  readonly #reader: BitReader;
  readonly #scan: JpegScan;
  readonly #decode: (component: ScanComponent, at: number, i: number) => void;
  /** The last mean value of each component; each block has the difference to it. */
  readonly #means: Int32Array;
  /** How many blocks from here on have no more frequencies. */
  #emptyBlocks = 0;

  constructor(reader: BitReader, scan: JpegScan, progressive: boolean) {
    this.#reader = reader;
    this.#scan = scan;
    this.#means = new Int32Array(scan.components.length);
    if (!progressive) this.#decode = this.#whole;
    else if (scan.first === 0) this.#decode = scan.high === 0 ? this.#firstMean : this.#finerMean;
    else this.#decode = scan.high === 0 ? this.#firstBits : this.#finerBits;
  }

  block(i: number, block: number): void {
    this.#decode(this.#scan.components[i]!, block * 64, i);
  }

  restart(): void {
    this.#means.fill(0);
    this.#emptyBlocks = 0;
  }

  /** All frequencies at once: a baseline file. */
  #whole(component: ScanComponent, at: number, i: number): void {
    const { coefficients } = component;
    const reader = this.#reader;
    coefficients[at] = this.#mean(component, i);
    const ac = component.ac!;
    for (let k = 1; k < 64; k += 1) {
      const symbol = reader.symbol(ac);
      const length = symbol & 15;
      if (length === 0) {
        if (symbol !== 0xf0) return;
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (k > 63) throw tooMany();
      coefficients[at + k] = reader.signed(length);
    }
  }

  #mean({ dc }: ScanComponent, i: number): number {
    const reader = this.#reader;
    const length = reader.symbol(dc!);
    if (length > 15) throw damagedJpeg('a mean value of its pixels has too many bits');
    this.#means[i]! += reader.signed(length);
    return this.#means[i]!;
  }

  #firstMean(component: ScanComponent, at: number, i: number): void {
    component.coefficients[at] = this.#mean(component, i) << this.#scan.low;
  }

  #finerMean({ coefficients }: ScanComponent, at: number): void {
    if (this.#reader.bit() === 1) coefficients[at]! |= 1 << this.#scan.low;
  }

  #firstBits({ coefficients, ac }: ScanComponent, at: number): void {
    if (this.#emptyBlocks > 0) {
      this.#emptyBlocks -= 1;
      return;
    }
    const reader = this.#reader;
    const { first, last, low } = this.#scan;
    for (let k = first; k <= last; k += 1) {
      const symbol = reader.symbol(ac!);
      const [run, length] = [symbol >> 4, symbol & 15];
      if (length > 0) {
        k += run;
        if (k > last) throw tooMany();
        coefficients[at + k] = reader.signed(length) << low;
      } else if (run === 15) {
        k += 15;
      } else {
        this.#emptyBlocks = (1 << run) - 1 + reader.bits(run);
        return;
      }
    }
  }

  #finerBits({ coefficients, ac }: ScanComponent, at: number): void {
    const reader = this.#reader;
    const { first, last, low } = this.#scan;
    let k = first;
    while (this.#emptyBlocks === 0 && k <= last) {
      const symbol = reader.symbol(ac!);
      const [run, length] = [symbol >> 4, symbol & 15];
      if (length > 1) throw damagedJpeg('a finer frequency of its pixels has too many bits');
      if (length === 0 && run < 15) {
        this.#emptyBlocks = (1 << run) + reader.bits(run);
        break;
      }
      const value = length === 0 ? 0 : (2 * reader.bit() - 1) << low;
      k = this.#refine(coefficients, at, k, run);
      if (value !== 0) {
        if (k > last) throw tooMany();
        coefficients[at + k] = value;
      }
      k += 1;
    }
    if (this.#emptyBlocks > 0) {
      this.#refine(coefficients, at, k, 64);
      this.#emptyBlocks -= 1;
    }
  }

  /** Adds a bit to each frequency that is not 0, and stops at the zero behind `zeros` others. */
  #refine(coefficients: Int16Array, at: number, from: number, zeros: number): number {
    const reader = this.#reader;
    const { last, low } = this.#scan;
    let [k, left] = [from, zeros];
    for (; k <= last; k += 1) {
      const value = coefficients[at + k]!;
      if (value === 0) {
        if (left === 0) break;
        left -= 1;
      } else if (reader.bit() === 1) {
        coefficients[at + k] = value + ((value > 0 ? 1 : -1) << low);
      }
    }
    return k;
  }
}

function tooMany(): Error {
  return damagedJpeg('a block of its pixels has more than 64 frequencies');
}
