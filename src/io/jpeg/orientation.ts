import type { Picture } from '../picture.ts';

/** The number of the tag, and its type: an integer of 2 bytes. */
const [orientationTag, shortType] = [0x0112, 3];

/**
 * Reads from an Exif segment how the camera was held.
 *
 * @returns 1…8, as the tag has it; 1 if it is missing or damaged, as the picture can be read
 *   without it.
 *
 * @see Exif 2.32, section 4.6.
 *
 * @internal
 */
export function orientationOf(segment: Uint8Array): number {
  // 'Exif', two zeros, then a TIFF file.
  const tiff = segment.subarray(6);
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return 1;
  const littleEndian = tiff[0] === 0x49;
  const start = view.getUint32(4, littleEndian);
  if (start + 2 > tiff.length) return 1;
  const count = view.getUint16(start, littleEndian);
  for (let at = start + 2; at < start + 2 + 12 * count && at + 12 <= tiff.length; at += 12) {
    if (view.getUint16(at, littleEndian) !== orientationTag) continue;
    if (view.getUint16(at + 2, littleEndian) !== shortType) return 1;
    const orientation = view.getUint16(at + 8, littleEndian);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

/**
 * Turns a picture upright.
 *
 * @param orientation - 1…8: 2 mirrored, 3 upside down, 4 both, 5…8 the same with rows for columns.
 *
 * @internal
 */
export function turnUpright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { width, height, channels, data } = picture;
  const isTurned = orientation >= 5;
  const [newWidth, newHeight] = isTurned ? [height, width] : [width, height];
  // Whether the stored picture is read from its right or lower end.
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBelow = [3, 4, 6, 7].includes(orientation);
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < newHeight; y += 1) {
    for (let x = 0; x < newWidth; x += 1) {
      const [column, row] = isTurned ? [y, x] : [x, y];
      const fromX = fromRight ? width - 1 - column : column;
      const fromY = fromBelow ? height - 1 - row : row;
      const from = (fromY * width + fromX) * channels;
      const to = (y * newWidth + x) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        turned[to + channel] = data[from + channel]!;
      }
    }
  }
  return { width: newWidth, height: newHeight, channels, data: turned };
}
