import { formatValue } from '../../core/format.ts';
import { isUint8Array } from '../../core/realms.ts';
import type { Picture } from '../picture.ts';
import { inverseDct } from './inverse-dct.ts';
import { refusedJpeg } from './jpeg-error.ts';
import { type JpegFile, type JpegPlane, readJpegFile } from './jpeg-file.ts';
import { turnUpright } from './orientation.ts';
import { upsample } from './upsample.ts';

/**
 * Reads a JPEG file: baseline or progressive, gray or in color, with colors of a lower resolution
 * or not.
 *
 * The pixels are those of libjpeg-turbo, and so of Pillow, bit-for-bit. A picture that a camera has
 * stored on its side is turned upright (the Exif tag Orientation).
 *
 * @param bytes - The bytes of the file.
 * @returns The picture, with 1 channel for grayscale, 3 for color.
 * @throws DataFormatError if the bytes are truncated, damaged, or not a JPEG, or if it is of a rare
 *   kind: four inks (CMYK), 12 bits, arithmetic-coded, lossless; TypeError if `bytes` is not a
 *   `Uint8Array`.
 *
 * @example A photograph
 * ```ts no-run
 * const response = await fetch('photo.jpg');
 * const { width, height } = decodeJpeg(new Uint8Array(await response.arrayBuffer()));
 * console.log(width, height);
 * ```
 *
 * @see ITU-T T.81 (JPEG), T.871 (JFIF).
 */
export function decodeJpeg(bytes: Uint8Array): Picture {
  if (!isUint8Array(bytes)) {
    throw new TypeError(
      `Cannot read the JPEG: bytes must be a Uint8Array, got ${formatValue(bytes)}`,
    );
  }
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) {
    throw refusedJpeg('the bytes do not begin as a JPEG does. The file has another format');
  }
  const file = readJpegFile(bytes);
  const planes = file.planes.map((plane) => enlarged(file, plane));
  return turnUpright(pictureOf(file, planes), file.orientation);
}

interface Rows {
  readonly stride: number;
  readonly pixels: Uint8Array;
}

/** Positions of the 64 frequencies of a file in rows and columns: section A.3.6. */
const zigzag = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34],
  ...[27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44],
  ...[51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

/** The pixels of a component, at the size of the picture or a little larger. */
function enlarged({ frame }: JpegFile, { component, coefficients, quantization }: JpegPlane): Rows {
  const { paddedAcross, blocksAcross, blocksDown, width, height } = component;
  const stride = 8 * blocksAcross;
  const pixels = new Uint8Array(stride * 8 * blocksDown);
  const block = new Int32Array(64);
  for (let row = 0; row < blocksDown; row += 1) {
    for (let column = 0; column < blocksAcross; column += 1) {
      const start = 64 * (row * paddedAcross + column);
      for (let k = 0; k < 64; k += 1) {
        block[zigzag[k]!] = coefficients[start + k]! * quantization[k]!;
      }
      inverseDct(block, pixels, 8 * (row * stride + column), stride);
    }
  }
  const across = frame.horizontal / component.horizontal;
  const down = frame.vertical / component.vertical;
  return upsample({ width, height, stride, pixels }, { across, down });
}

function pictureOf({ frame, isRgb }: JpegFile, planes: readonly Rows[]): Picture {
  const { width, height } = frame;
  const [first, second, third] = planes;
  const channels = second === undefined ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * channels;
      const luma = first!.pixels[y * first!.stride + x]!;
      if (second === undefined || third === undefined) {
        data[at] = luma;
        continue;
      }
      const [b, r] = [second.pixels[y * second.stride + x]!, third.pixels[y * third.stride + x]!];
      if (isRgb) {
        data[at] = luma;
        data[at + 1] = b;
        data[at + 2] = r;
      } else {
        data[at] = clamped(luma + ((redOfRed * (r - 128) + half) >> 16));
        data[at + 1] = clamped(
          luma + ((-greenOfBlue * (b - 128) - greenOfRed * (r - 128) + half) >> 16),
        );
        data[at + 2] = clamped(luma + ((blueOfBlue * (b - 128) + half) >> 16));
      }
    }
  }
  return { width, height, channels, data };
}

/** How much red, green and blue change with the two differences, times 2¹⁶: T.871, section 7. */
const redOfRed = 91881;
const blueOfBlue = 116130;
const greenOfBlue = 22554;
const greenOfRed = 46802;
const half = 32768;

function clamped(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
