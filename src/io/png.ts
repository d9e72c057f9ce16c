import { decode, encode, type DecodedPng } from 'fast-png';
import { checkPositiveInteger } from '../core/checks.ts';
import { DataFormatError } from '../core/errors.ts';
import { formatValue } from '../core/format.ts';
import { isUint8Array, messageOf, ofThisRealm } from '../core/realms.ts';
import { largestRatio, unpacksWithin } from './check-inflated.ts';
import type { Picture } from './picture.ts';

/**
 * Writes a picture as a PNG file, losslessly.
 *
 * @param picture - The picture; its pixels are left as they are.
 * @returns The bytes of the file.
 * @throws RangeError where width, height, channels and data do not fit each other.
 *
 * @example A white square
 * ```ts
 * const data = new Uint8Array(16 * 16).fill(255);
 * const bytes = encodePng({ width: 16, height: 16, channels: 1, data });
 * ```
 */
export function encodePng(picture: Picture): Uint8Array {
  const { width, height, channels, data } = picture;
  checkPositiveInteger('write a PNG', 'width', width);
  checkPositiveInteger('write a PNG', 'height', height);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new RangeError(`Cannot write a PNG: channels must be 1, 3 or 4, got ${String(channels)}`);
  }
  if (!isUint8Array(data)) {
    throw new TypeError(`Cannot write a PNG: data must be a Uint8Array, got ${formatValue(data)}`);
  }
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `Cannot write a PNG: data must have ${width * height * channels} bytes ` +
        `(${width}×${height} pixels of ${channels}), got ${data.length}`,
    );
  }
  return encode(
    { width, height, channels, depth: 8, data: ofThisRealm(data) },
    { zlib: { level: 9 } },
  );
}

/**
 * Reads a PNG file of any kind: palettes become colours, 16 bits become 8, grey with opacity becomes four channels.
 *
 * Of an animation it gives the first frame.
 *
 * @param bytes - The bytes of the file.
 * @returns The picture, with 1 channel for greyscale, 3 for colour, 4 where some of it may be transparent.
 * @throws DataFormatError where the bytes are cut short, damaged, or no PNG.
 *
 * @example There and back
 * ```ts
 * const data = new Uint8Array([0, 128, 255]);
 * const picture = decodePng(encodePng({ width: 3, height: 1, channels: 1, data }));
 * console.log([...picture.data]); // [ 0, 128, 255 ]
 * ```
 */
export function decodePng(bytes: Uint8Array): Picture {
  const header = readHeader(bytes);
  let decoded: DecodedPng;
  try {
    decoded = decode(ofThisRealm(bytes), { checkCrc: true });
  } catch (error) {
    const detail = messageOf(error);
    throw new DataFormatError('PNG', `Cannot read the PNG: the file is damaged (${detail})`, {
      cause: error,
    });
  }
  return header.kind === 'palette' ? fromPalette(decoded) : fromSamples(decoded);
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The colour types of the format. */
const kinds: Readonly<Record<number, { kind: 'samples' | 'palette'; channels: number }>> = {
  0: { kind: 'samples', channels: 1 },
  2: { kind: 'samples', channels: 3 },
  3: { kind: 'palette', channels: 1 },
  4: { kind: 'samples', channels: 2 },
  6: { kind: 'samples', channels: 4 },
};

/** Checks the header before anything is allocated by it. */
function readHeader(bytes: Uint8Array): { readonly kind: 'samples' | 'palette' } {
  const refuse = (what: string): DataFormatError =>
    new DataFormatError('PNG', `Cannot read the PNG: ${what}`);
  if (!isUint8Array(bytes)) {
    throw new TypeError(
      `Cannot read the PNG: bytes must be a Uint8Array, got ${formatValue(bytes)}`,
    );
  }
  if (signature.some((byte, i) => bytes[i] !== byte)) {
    throw refuse('the bytes do not begin with the signature of a PNG. It is another kind of file');
  }
  if (bytes.length < 33) throw refuse(`a PNG has at least 33 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, depth] = [view.getUint32(16), view.getUint32(20), view.getUint8(24)];
  const colour = kinds[view.getUint8(25)];
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452 || colour === undefined) {
    throw refuse('the file is damaged (its header is not one of a PNG)');
  }
  if (width === 0 || height === 0) throw refuse(`it must have pixels, got ${width}×${height}`);
  const pixelBytes = height * (1 + Math.ceil((width * colour.channels * depth) / 8));
  if (pixelBytes > bytes.length * largestRatio) {
    throw refuse(
      `the header promises ${width}×${height} pixels, more than ${bytes.length} bytes can hold. ` +
        'The download may be cut short',
    );
  }
  // Interlaced pixels take somewhat more: each of seven passes has rows of its own.
  if (!unpacksWithin(bytes, 2 * pixelBytes + 1024)) {
    throw refuse(
      `its pixels unpack to more than the ${width}×${height} that the header promises. It is damaged, or made to harm`,
    );
  }
  if (view.getUint8(28) === 1 && depth < 8) {
    throw refuse(
      `interlaced files must have 8 or 16 bits, got ${depth}. Save it without interlacing`,
    );
  }
  return colour;
}

/** Grey or colour, with or without opacity. */
function fromSamples({ width, height, channels, depth, data, transparency }: DecodedPng): Picture {
  const samples = depth < 8 ? unpack(data, width, height, depth) : data;
  const highest = 2 ** depth - 1;
  const colours = channels > 2 ? 3 : 1;
  const opaque = channels === colours && transparency === undefined;
  const target = opaque ? colours : 4;
  const pixels = new Uint8Array(width * height * target);
  for (let i = 0; i < width * height; i += 1) {
    let seeThrough = transparency !== undefined;
    for (let channel = 0; channel < (opaque ? colours : 3); channel += 1) {
      const source = colours === 1 ? 0 : channel;
      const sample = samples[i * channels + source] ?? 0;
      pixels[i * target + channel] = Math.round((sample * 255) / highest);
      if (sample !== transparency?.[source]) seeThrough = false;
    }
    if (opaque) continue;
    const opacity = channels === colours ? highest : (samples[i * channels + colours] ?? 0);
    pixels[i * target + 3] = seeThrough ? 0 : Math.round((opacity * 255) / highest);
  }
  return { width, height, channels: target, data: pixels };
}

/** Numbers of colours, and the colours they stand for. */
function fromPalette({ width, height, depth, data, palette = [] }: DecodedPng): Picture {
  const indices = depth < 8 ? unpack(data, width, height, depth) : data;
  const channels = palette[0]?.length === 4 ? 4 : 3;
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i += 1) {
    const index = indices[i] ?? 0;
    const colour = palette[index];
    if (colour === undefined) {
      throw new DataFormatError(
        'PNG',
        `Cannot read the PNG: the file is damaged (colour ${index} of a palette of ${palette.length})`,
      );
    }
    pixels.set(colour, i * channels);
  }
  return { width, height, channels, data: pixels };
}

/** Samples of 1, 2 or 4 bits, each in a byte of its own. Rows begin at a byte. */
function unpack(data: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  const unpacked = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const bit = x * depth;
      const byte = data[y * rowBytes + (bit >> 3)] ?? 0;
      unpacked[y * width + x] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return unpacked;
}
