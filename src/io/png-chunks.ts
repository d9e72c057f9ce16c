import { DataFormatError } from '../core/errors.ts';
import { crc32 } from './crc.ts';

/** One chunk of a PNG file. @internal */
export interface PngChunk {
  /** Four letters; the first is uppercase if the chunk is required to read the image. */
  readonly type: string;
  readonly data: Uint8Array;
}

/** The error for a file that violates the format. @internal */
export function damagedPng(detail: string, options?: ErrorOptions): DataFormatError {
  return new DataFormatError(
    'PNG',
    `Cannot read the PNG: the file is damaged (${detail})`,
    options,
  );
}

/**
 * The chunks of a PNG file, from the header to the end.
 *
 * Every chunk has a checksum. If it is wrong, a critical chunk causes an error and an ancillary one
 * is skipped.
 *
 * @see PNG Specification, third edition, sections 5.3 and 13.2.
 *
 * @internal
 */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8, type = ''; type !== 'IEND';) {
    if (at + 12 > bytes.length) throw damagedPng('it ends without the chunk IEND');
    const start = at + 8;
    const end = start + view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, start));
    if (!/^[A-Za-z]{4}$/.test(type)) throw damagedPng('a chunk has no name');
    if (end + 4 > bytes.length) throw damagedPng(`the chunk ${type} is truncated`);
    const sound = crc32(bytes.subarray(at + 4, end)) === view.getUint32(end);
    if (!sound && isCritical(type)) throw damagedPng(`the checksum of the chunk ${type} is wrong`);
    if (sound) yield { type, data: bytes.subarray(start, end) };
    at = end + 4;
  }
}

/**
 * The bytes of a chunk: its length, its type, its data, and the checksum of the latter two.
 *
 * @internal
 */
export function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(
    Array.from(type, (letter) => letter.charCodeAt(0)),
    4,
  );
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

/** Whether a chunk of this type is required to read the image. @internal */
export function isCritical(type: string): boolean {
  return type.charAt(0) <= 'Z';
}
