import { zlibSync } from 'fflate';
import { checkPositiveInteger } from '../core/checks.ts';
import { DataFormatError } from '../core/errors.ts';
import { formatValue } from '../core/format.ts';
import { joinBytes } from '../core/join-bytes.ts';
import { isUint8Array } from '../core/realms.ts';
import type { Picture } from './picture.ts';
import { damagedPng, isCritical, pngChunk, pngChunks } from './png-chunks.ts';
import { largestRatio, type PngLayout, readSamples, unpackedBytes } from './png-samples.ts';

/**
 * Writes a picture as a PNG file, losslessly.
 *
 * @param picture - The picture; its pixels are not modified.
 * @returns The bytes of the file.
 * @throws RangeError if width, height, channels and data do not fit together.
 *
 * @example A white square
 * ```ts
 * const data = new Uint8Array(16 * 16).fill(255);
 * const bytes = encodePng({ width: 16, height: 16, channels: 1, data });
 * ```
 */
export function encodePng(picture: Picture): Uint8Array {
  return writePng(picture, smallest);
}

/** Makes a zlib stream. @internal */
export type Compress = (rows: Uint8Array) => Uint8Array;

const smallest: Compress = (rows) => zlibSync(rows, { level: 9 });

/** {@link encodePng} with a custom compressor. @internal */
export function writePng(picture: Picture, compress: Compress): Uint8Array {
  const { header, pixels } = pngParts(picture, compress);
  return joinBytes([
    Uint8Array.from(pngSignature),
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

/**
 * The contents of a PNG's header, and its compressed pixels.
 *
 * @throws RangeError if width, height, channels and data do not fit together.
 *
 * @internal
 */
export function pngParts(
  picture: Picture,
  compress: Compress = smallest,
): {
  readonly header: Uint8Array;
  readonly pixels: Uint8Array;
} {
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
  const [row, colorType] = [width * channels, { 1: 0, 3: 2, 4: 6 }[channels]];
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // 8 bits per channel; then compression, filter method and interlacing, 0 for none.
  header.set([8, colorType], 8);
  // Each row begins with its filter number: 0 is no filter.
  const rows = new Uint8Array(height * (1 + row));
  for (let y = 0; y < height; y += 1) {
    rows.set(data.subarray(y * row, (y + 1) * row), y * (1 + row) + 1);
  }
  return { header, pixels: compress(rows) };
}

/**
 * Reads a PNG file of any kind: palettes are converted to colors, 16 bits to 8, gray with opacity
 * to four channels.
 *
 * Of an animation it reads the first frame. Damaged chunks that the image does not require
 * (profile, text, resolution, invalid transparency) are skipped, as other readers do.
 *
 * @param bytes - The bytes of the file.
 * @returns The picture, with 1 channel for grayscale, 3 for color, 4 if parts may be transparent.
 * @throws DataFormatError if the bytes are truncated or not a PNG, or the header, palette or pixels
 * are damaged.
 *
 * @example Write and read
 * ```ts
 * const data = new Uint8Array([0, 128, 255]);
 * const picture = decodePng(encodePng({ width: 3, height: 1, channels: 1, data }));
 * console.log([...picture.data]); // [ 0, 128, 255 ]
 * ```
 */
export function decodePng(bytes: Uint8Array): Picture {
  const header = readHeader(bytes);
  const packed: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  let transparency: readonly number[] | undefined;
  // The header comes first.
  const [, ...chunks] = pngChunks(bytes);
  for (const { type, data } of chunks) {
    if (type === 'IDAT') packed.push(data);
    // For other color types a palette is only a suggestion.
    else if (type === 'PLTE' && header.kind === 'palette') palette = checkPalette(data);
    else if (type === 'tRNS' && packed.length === 0) {
      transparency ??= readTransparency(header, palette, data);
    } else if (isCritical(type) && type !== 'PLTE' && type !== 'IEND') {
      throw damagedPng(`it must not have the chunk ${type} there`);
    }
  }
  const samples = readSamples(header, packed);
  return header.kind === 'palette'
    ? fromPalette(header, samples, palette, transparency)
    : fromSamples(header, samples, transparency);
}

/**
 * Width and height of a PNG, by its header alone.
 *
 * @throws DataFormatError if the bytes are not a PNG, its header is damaged, or it promises more
 *   pixels than so many bytes can contain.
 *
 * @internal
 */
export function pngSize(bytes: Uint8Array): Pick<Picture, 'width' | 'height'> {
  return readHeader(bytes);
}

/** The first bytes of every PNG. @internal */
export const pngSignature: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

interface PngHeader extends PngLayout {
  readonly kind: 'samples' | 'palette';
}

/** The color types of the format. */
const kinds: Readonly<
  Record<number, Pick<PngHeader, 'kind' | 'channels'> & { readonly depths: readonly number[] }>
> = {
  0: { kind: 'samples', channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { kind: 'samples', channels: 3, depths: [8, 16] },
  3: { kind: 'palette', channels: 1, depths: [1, 2, 4, 8] },
  4: { kind: 'samples', channels: 2, depths: [8, 16] },
  6: { kind: 'samples', channels: 4, depths: [8, 16] },
};

/** Checks the header before anything is allocated for it. */
function readHeader(bytes: Uint8Array): PngHeader {
  const refuse = (what: string): DataFormatError =>
    new DataFormatError('PNG', `Cannot read the PNG: ${what}`);
  if (!isUint8Array(bytes)) {
    throw new TypeError(
      `Cannot read the PNG: bytes must be a Uint8Array, got ${formatValue(bytes)}`,
    );
  }
  if (pngSignature.some((byte, i) => bytes[i] !== byte)) {
    throw refuse('the bytes do not begin with the signature of a PNG. The file has another format');
  }
  if (bytes.length < 33) throw refuse(`a PNG has at least 33 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, depth] = [view.getUint32(16), view.getUint32(20), view.getUint8(24)];
  const [compression, filter, interlace] = bytes.subarray(26, 29);
  const color = kinds[view.getUint8(25)];
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452 || color === undefined) {
    throw damagedPng('its header is not one of a PNG');
  }
  if (!color.depths.includes(depth)) {
    throw damagedPng(`samples of its kind have ${color.depths.join(', ')} bits, got ${depth}`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw damagedPng(
      `its header names the methods ${compression!}, ${filter!} and ${interlace!} for compression, filter and interlacing`,
    );
  }
  if (width === 0 || height === 0) throw refuse(`it must have pixels, got ${width}×${height}`);
  const header = { ...color, width, height, depth, interlaced: interlace === 1 };
  if (unpackedBytes(header) > bytes.length * largestRatio) {
    throw refuse(
      `the header states ${width}×${height} pixels, more than ${bytes.length} bytes can contain. ` +
        'The download may be truncated',
    );
  }
  return header;
}

function checkPalette(data: Uint8Array): Uint8Array {
  if (data.length > 0 && data.length % 3 === 0 && data.length <= 3 * 256) return data;
  throw damagedPng(`a palette has 1 to 256 colors of 3 bytes, got ${data.length} bytes`);
}

/**
 * The opacities of a palette, or the one gray or color that is transparent; `undefined` for other
 * types.
 */
function readTransparency(
  { kind, channels, depth }: PngHeader,
  palette: Uint8Array | undefined,
  data: Uint8Array,
): readonly number[] | undefined {
  if (kind === 'palette') {
    const colors = Math.min((palette?.length ?? 0) / 3, 2 ** depth);
    return data.length > 0 && data.length <= colors ? [...data] : undefined;
  }
  const hasOpacity = channels === 2 || channels === 4;
  if (hasOpacity || data.length !== 2 * channels) return undefined;
  const mask = 2 ** depth - 1;
  return Array.from({ length: channels }, (_, i) => (data[2 * i]! * 256 + data[2 * i + 1]!) & mask);
}

/** Gray or color, with or without opacity. */
function fromSamples(
  { width, height, channels, depth }: PngHeader,
  samples: ArrayLike<number>,
  transparency: readonly number[] | undefined,
): Picture {
  const highest = 2 ** depth - 1;
  const colors = channels > 2 ? 3 : 1;
  const opaque = channels === colors && transparency === undefined;
  const target = opaque ? colors : 4;
  const pixels = new Uint8Array(width * height * target);
  for (let i = 0; i < width * height; i += 1) {
    let seeThrough = transparency !== undefined;
    for (let channel = 0; channel < (opaque ? colors : 3); channel += 1) {
      const source = colors === 1 ? 0 : channel;
      const sample = samples[i * channels + source] ?? 0;
      pixels[i * target + channel] = Math.round((sample * 255) / highest);
      if (sample !== transparency?.[source]) seeThrough = false;
    }
    if (opaque) continue;
    const opacity = channels === colors ? highest : (samples[i * channels + colors] ?? 0);
    pixels[i * target + 3] = seeThrough ? 0 : Math.round((opacity * 255) / highest);
  }
  return { width, height, channels: target, data: pixels };
}

/** Maps color indices to colors. */
function fromPalette(
  { width, height }: PngHeader,
  indices: ArrayLike<number>,
  palette: Uint8Array = new Uint8Array(0),
  opacities: readonly number[] | undefined,
): Picture {
  const channels = opacities === undefined ? 3 : 4;
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i += 1) {
    const index = indices[i] ?? 0;
    if (3 * index >= palette.length) {
      throw damagedPng(`color ${index} of a palette of ${palette.length / 3}`);
    }
    pixels.set(palette.subarray(3 * index, 3 * index + 3), i * channels);
    if (opacities !== undefined) pixels[i * channels + 3] = opacities[index] ?? 255;
  }
  return { width, height, channels, data: pixels };
}
