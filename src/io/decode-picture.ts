import { DataFormatError } from '../core/errors.ts';
import { decodeJpeg } from './jpeg/jpeg.ts';
import type { Picture } from './picture.ts';
import { decodePng } from './png.ts';

/** Kinds of file that folders of pictures hold, by the bytes at a position. */
const otherKinds: readonly (readonly [name: string, at: number, text: string])[] = [
  ['a GIF', 0, 'GIF8'],
  ['a WebP', 8, 'WEBP'],
  ['a BMP', 0, 'BM'],
  ['a TIFF', 0, 'II*\0'],
  ['a TIFF', 0, 'MM\0*'],
  ['an AVIF', 4, 'ftypavif'],
  ['a HEIC', 4, 'ftyp'],
  ['a PDF', 0, '%PDF'],
  ['a web page', 0, '<!'],
  ['an SVG', 0, '<svg'],
  ['an SVG', 0, '<?xml'],
  ['a pointer of Git LFS', 0, 'version https://git-lfs'],
];

/**
 * Reads a PNG or a JPEG, told apart by its first bytes, whatever the file is called.
 *
 * @throws DataFormatError if it is neither, truncated or damaged.
 *
 * @internal
 */
export function decodePicture(bytes: Uint8Array): Picture {
  const kind = formatOf(bytes);
  if (kind === 'PNG') return decodePng(bytes);
  if (kind === 'JPEG') return decodeJpeg(bytes);
  throw new DataFormatError(
    'picture',
    `Cannot read the picture: it must be a PNG or a JPEG, got ${nameOf(bytes)}`,
  );
}

/** Which of the two kinds that are read a file is, by its first bytes. @internal */
export function formatOf(bytes: Uint8Array): 'PNG' | 'JPEG' | undefined {
  if (bytes[0] === 0x89 && holds(bytes, 1, 'PNG')) return 'PNG';
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? 'JPEG' : undefined;
}

function nameOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const known = otherKinds.find(([, at, text]) => holds(bytes, at, text));
  if (known !== undefined) return known[0];
  const isText = bytes
    .subarray(0, 64)
    .every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127));
  return isText ? 'a text' : 'another kind of file';
}

function holds(bytes: Uint8Array, at: number, text: string): boolean {
  return Array.from(text).every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
}
