import { type HuffmanTable, huffmanTable } from './huffman-table.ts';
import { cutJpeg, damagedJpeg, refusedJpeg } from './jpeg-error.ts';
import { isFrameMarker, type JpegComponent, type JpegFrame, readFrame } from './jpeg-frame.ts';
import { type JpegScan, readScan, type ScanComponent } from './jpeg-scan.ts';
import { orientationOf } from './orientation.ts';

/** A component with all that its pixels are computed from. @internal */
export interface JpegPlane {
  readonly component: JpegComponent;
  /** Its frequencies, 64 for each block, in the order of the file. */
  readonly coefficients: Int16Array;
  /** What each frequency is multiplied by, in the order of the file. */
  readonly quantization: Uint16Array;
}

/** What a JPEG file holds. @internal */
export interface JpegFile {
  readonly frame: JpegFrame;
  readonly planes: readonly JpegPlane[];
  /**
   * Whether its three components are red, green and blue rather than brightness and two
   * differences.
   */
  readonly isRgb: boolean;
  /** How to turn it, 1 if not at all: the number of the Exif tag. */
  readonly orientation: number;
}

/**
 * Scans of a progressive file; those in use have up to 30. A file made to harm may have thousands.
 */
const mostScans = 256;

/**
 * Reads all of a JPEG file but its pixels, which are computed from what this returns.
 *
 * @see ITU-T T.81, annex B, and T.871 (JFIF).
 *
 * @internal
 */
export function readJpegFile(bytes: Uint8Array): JpegFile {
  const reader = new FileReader(bytes);
  let at = 2;
  for (;;) {
    at = nextMarker(bytes, at);
    const marker = bytes[at + 1];
    if (marker === undefined || marker === endOfImage) return reader.finish(marker === undefined);
    at += 2;
    if (isAlone(marker)) continue;
    if (at + 2 > bytes.length) throw cutJpeg('it ends amid a segment');
    const end = at + bytes[at]! * 256 + bytes[at + 1]!;
    if (end < at + 2) throw damagedJpeg('a segment is too short');
    if (end > bytes.length) throw cutJpeg('it ends amid a segment');
    at = reader.segment(marker, bytes.subarray(at + 2, end), end);
  }
}

const endOfImage = 0xd9;

/** Skips what stands between segments: fill bytes, and bytes that an encoder left over. */
function nextMarker(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1 && (bytes[at + 1] === 0 || bytes[at + 1] === 0xff)) {
    at = bytes.indexOf(0xff, at + 1);
  }
  return at === -1 ? bytes.length : at;
}

/** Whether nothing belongs to a marker: TEM, SOI, and restarts. */
function isAlone(marker: number): boolean {
  return marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
}

/** A component while its scans come. */
interface GrowingPlane extends Omit<JpegPlane, 'quantization'> {
  quantization: Uint16Array | undefined;
  /** How many bits of each frequency are missing still, −1 if all. */
  readonly missing: Int8Array;
}

class FileReader {
  readonly #bytes: Uint8Array;
  readonly #quantization: (Uint16Array | undefined)[] = [];
  readonly #dc: (HuffmanTable | undefined)[] = [];
  readonly #ac: (HuffmanTable | undefined)[] = [];
  #frame: JpegFrame | undefined;
  #planes: readonly GrowingPlane[] = [];
  #restartInterval = 0;
  #scans = 0;
  #isJfif = false;
  /** What Adobe's segment says of the colors: 0 RGB, 1 brightness and differences. */
  #transform: number | undefined;
  #orientation = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Reads a segment that ends before `end`, and the scan behind it; returns where to continue. */
  segment(marker: number, data: Uint8Array, end: number): number {
    if (isFrameMarker(marker)) this.#begin(readFrame(marker, data, this.#bytes.length));
    else if (marker === 0xc4) this.#readHuffmanTables(data);
    else if (marker === 0xdb) this.#readQuantization(data);
    else if (marker === 0xdd) {
      if (data.length < 2) throw damagedJpeg('its restart interval is too short');
      this.#restartInterval = data[0]! * 256 + data[1]!;
    } else if (marker === 0xda) return this.#readScan(data, end);
    else if (marker === 0xdc) throw refusedJpeg('its height must stand in the header');
    else if (marker === 0xe0 && startsWith(data, 'JFIF\0')) this.#isJfif = true;
    else if (marker === 0xe1 && startsWith(data, 'Exif\0')) this.#orientation = orientationOf(data);
    else if (marker === 0xee && startsWith(data, 'Adobe')) this.#transform = data[11];
    return end;
  }

  finish(isCut: boolean): JpegFile {
    const frame = this.#frame;
    if (frame === undefined) {
      throw isCut ? cutJpeg('it ends without a header') : damagedJpeg('it has no header');
    }
    const planes = this.#planes.map(({ component, coefficients, quantization, missing }) => {
      const isMissing = missing[0] === -1 || (isCut && missing.some((bits) => bits !== 0));
      if (quantization !== undefined && !isMissing) {
        return { component, coefficients, quantization };
      }
      throw isCut ? cutJpeg('its pixels end early') : damagedJpeg('some of its pixels are missing');
    });
    const ids = frame.components.map(({ id }) => id);
    const namesRgb = ids.join() === '82,71,66';
    const isRgb =
      frame.components.length === 3 &&
      !this.#isJfif &&
      (this.#transform === undefined ? namesRgb : this.#transform === 0);
    return { frame, planes, isRgb, orientation: this.#orientation };
  }

  #begin(frame: JpegFrame): void {
    if (this.#frame !== undefined) throw damagedJpeg('it has two headers');
    this.#frame = frame;
    this.#planes = frame.components.map((component) => ({
      component,
      coefficients: new Int16Array(64 * component.paddedAcross * component.paddedDown),
      quantization: undefined,
      missing: new Int8Array(64).fill(-1),
    }));
  }

  #readHuffmanTables(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      const [kind, number] = [data[at]! >> 4, data[at]! & 15];
      const counts = data.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const values = data.slice(at + 17, at + 17 + total);
      if (kind > 1 || number > 3 || counts.length < 16 || total > 256 || values.length < total) {
        throw damagedJpeg('a Huffman table is none');
      }
      (kind === 0 ? this.#dc : this.#ac)[number] = huffmanTable(counts, values);
      at += 17 + total;
    }
  }

  #readQuantization(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      const [size, number] = [(data[at]! >> 4) + 1, data[at]! & 15];
      const bytes = data.subarray(at + 1, at + 1 + 64 * size);
      if (size > 2 || number > 3 || bytes.length < 64 * size) {
        throw damagedJpeg('a quantization table is none');
      }
      this.#quantization[number] = Uint16Array.from({ length: 64 }, (_, i) =>
        size === 1 ? bytes[i]! : bytes[2 * i]! * 256 + bytes[2 * i + 1]!,
      );
      at += 1 + 64 * size;
    }
  }

  #readScan(data: Uint8Array, end: number): number {
    const frame = this.#frame;
    if (frame === undefined) throw damagedJpeg('it has pixels before the header');
    this.#scans += 1;
    if (this.#scans > mostScans) {
      throw refusedJpeg(`it must have at most ${mostScans} scans. It is damaged, or made to harm`);
    }
    const count = data[0] ?? 0;
    if (count < 1 || data.length < 4 + 2 * count) throw damagedJpeg('a scan has no header');
    const [first, last, bits] = [data[1 + 2 * count]!, data[2 + 2 * count]!, data[3 + 2 * count]!];
    const [high, low] = [bits >> 4, bits & 15];
    const range = frame.progressive ? { first, last, high, low } : wholeRange;
    const planes = Array.from({ length: count }, (_, i) => this.#planeOf(data[1 + 2 * i]!));
    checkScan(frame, planes, range);
    const components = planes.map((plane, i): ScanComponent => {
      const { component, coefficients } = plane;
      plane.missing.fill(range.low, range.first, range.last + 1);
      plane.quantization ??= this.#quantization[component.quantization];
      if (plane.quantization === undefined) throw damagedJpeg('a quantization table is missing');
      const tables = data[2 + 2 * i]!;
      const [dc, ac] = [this.#dc[tables >> 4], this.#ac[tables & 15]];
      const needsDc = range.first === 0 && range.high === 0;
      if ((needsDc && dc === undefined) || (range.last > 0 && ac === undefined)) {
        throw damagedJpeg('a Huffman table is missing');
      }
      return { component, coefficients, dc, ac };
    });
    const scan: JpegScan = { ...range, components, restartInterval: this.#restartInterval };
    return readScan(frame, scan, this.#bytes, end);
  }

  #planeOf(id: number): GrowingPlane {
    const plane = this.#planes.find(({ component }) => component.id === id);
    if (plane === undefined) throw damagedJpeg('a scan has a component that the header has not');
    return plane;
  }
}

type Range = Pick<JpegScan, 'first' | 'last' | 'high' | 'low'>;

/** What a scan of a baseline file holds. */
const wholeRange: Range = { first: 0, last: 63, high: 0, low: 0 };

/** Refuses a scan that does not continue where the previous ones ended. */
function checkScan(frame: JpegFrame, planes: readonly GrowingPlane[], range: Range): void {
  const { first, last, high, low } = range;
  const apart = !frame.progressive || (first === 0 ? last === 0 : planes.length === 1);
  const finer = high === 0 ? low <= 13 : low === high - 1;
  const wanted = high === 0 ? -1 : high;
  const goesOn =
    new Set(planes).size === planes.length &&
    first <= last &&
    last <= 63 &&
    planes.every(({ missing }) =>
      missing.subarray(first, last + 1).every((bits) => bits === wanted),
    );
  if (!apart || !finer || !goesOn) throw damagedJpeg('its scans do not follow each other');
  const blocks = planes.reduce((sum, { component }) => {
    return sum + component.horizontal * component.vertical;
  }, 0);
  if (planes.length > 1 && blocks > 10) throw damagedJpeg('a unit of a scan has too many blocks');
}

function startsWith(data: Uint8Array, text: string): boolean {
  return Array.from(text).every((letter, i) => data[i] === letter.charCodeAt(0));
}
