import { Unzlib } from 'fflate';
import { DataFormatError } from '../core/errors.ts';
import { messageOf } from '../core/realms.ts';
import { damagedPng } from './png-chunks.ts';

/** The format of samples in a PNG header. @internal */
export interface PngLayout {
  readonly width: number;
  readonly height: number;
  /** Samples per pixel. */
  readonly channels: number;
  /** Bits per sample. */
  readonly depth: number;
  readonly interlaced: boolean;
}

/** A subset of the pixels: every `stepX`-th from `x` on, in every `stepY`-th row from `y` on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
  /** Bytes of a row, without its filter byte. */
  readonly rowBytes: number;
}

const wholePicture = [[0, 0, 1, 1]] as const;

/** The seven passes of an interlaced picture: section 8.2 of the specification. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function passesOf({ width, height, channels, depth, interlaced }: PngLayout): Pass[] {
  return (interlaced ? adam7 : wholePicture)
    .map(([x, y, stepX, stepY]) => {
      const columns = Math.ceil((width - x) / stepX);
      const rows = Math.ceil((height - y) / stepY);
      const rowBytes = Math.ceil((columns * channels * depth) / 8);
      return { x, y, stepX, stepY, width: columns, height: rows, rowBytes };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Size of the unpacked pixels, in bytes. @internal */
export function unpackedBytes(layout: PngLayout): number {
  return passesOf(layout).reduce((sum, { height, rowBytes }) => sum + height * (1 + rowBytes), 0);
}

/**
 * Decompresses the pixels of a PNG.
 *
 * @param layout - The format from the header.
 * @param packed - The contents of all IDAT chunks.
 * @returns The samples, one number each, row by row.
 *
 * @internal
 */
export function readSamples(
  layout: PngLayout,
  packed: readonly Uint8Array[],
): Uint8Array | Uint16Array {
  const { width, height, channels, depth } = layout;
  const bytes = inflate(layout, packed);
  const count = width * height * channels;
  const samples = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  const filterStep = Math.max(1, (channels * depth) / 8);
  let at = 0;
  for (const pass of passesOf(layout)) {
    let above: Uint8Array = new Uint8Array(pass.rowBytes);
    for (let row = 0; row < pass.height; row += 1) {
      const values = bytes.subarray(at + 1, at + 1 + pass.rowBytes);
      unfilter(bytes[at]!, values, above, filterStep);
      const first = (pass.y + row * pass.stepY) * width + pass.x;
      for (let column = 0; column < pass.width; column += 1) {
        const target = (first + column * pass.stepX) * channels;
        for (let channel = 0; channel < channels; channel += 1) {
          samples[target + channel] = sampleAt(values, column * channels + channel, depth);
        }
      }
      above = values;
      at += 1 + pass.rowBytes;
    }
  }
  return samples;
}

function sampleAt(row: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return row[index]!;
  if (depth === 16) return row[2 * index]! * 256 + row[2 * index + 1]!;
  const bit = index * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** Reverses the filter of a row: section 9.2 of the specification. */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  if (filter > 4) throw damagedPng(`a row has the filter ${filter}`);
  if (filter === 0) return;
  for (let i = 0; i < row.length; i += 1) {
    const left = i < step ? 0 : row[i - step]!;
    const up = above[i]!;
    if (filter === 1) row[i]! += left;
    else if (filter === 2) row[i]! += up;
    else if (filter === 3) row[i]! += (left + up) >> 1;
    else row[i]! += nearest(left, up, i < step ? 0 : above[i - step]!);
  }
}

/** Paeth's predictor: the one of three neighbors that is nearest to `left + up - corner`. */
function nearest(left: number, up: number, corner: number): number {
  const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Maximum compression ratio of deflate. @internal */
export const largestRatio = 1032;

/**
 * Bytes after the pixels that are skipped, as other readers do. A file of 400 kB can contain 400 MB
 * of zeros.
 */
const harmless = 2 ** 26;

/** Bytes unpacked at a time, to bound the size of the result. */
const slice = 2 ** 14;

/** Fills a buffer with the size that the header states, whatever the file contains. */
function inflate(layout: PngLayout, packed: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(unpackedBytes(layout));
  let length = 0;
  const stream = new Unzlib((part) => {
    bytes.set(part.subarray(0, Math.max(0, bytes.length - length)), Math.min(length, bytes.length));
    length += part.length;
    if (length <= bytes.length + harmless) return;
    throw new DataFormatError(
      'PNG',
      `Cannot read the PNG: its pixels unpack to more than the ${layout.width}×${layout.height} that the header ` +
        'states. The file is damaged or malicious',
    );
  });
  try {
    for (const chunk of packed) {
      for (let at = 0; at < chunk.length; at += slice) stream.push(chunk.subarray(at, at + slice));
    }
    stream.push(new Uint8Array(0), true);
  } catch (error) {
    if (error instanceof DataFormatError) throw error;
    throw damagedPng(messageOf(error), { cause: error });
  }
  if (length < bytes.length) {
    throw damagedPng(`it has ${length} of the ${bytes.length} bytes of its pixels`);
  }
  return bytes;
}
