import { joinBytes } from '../core/join-bytes.ts';
import type { Picture } from './picture.ts';
import { pngChunk } from './png-chunks.ts';
import { pngParts, pngSignature } from './png.ts';

/**
 * Writes pictures of one size as an animated PNG, which programs without animation show as the
 * first one.
 *
 * @param pictures - The frames; at least one.
 * @param framesPerSecond - A positive integer.
 * @param repeats - How often it plays; 0 for endlessly.
 *
 * @see PNG Specification, third edition, section 11.3.4, animation information.
 *
 * @internal
 */
export function encodePictures(
  pictures: readonly Picture[],
  framesPerSecond: number,
  repeats: number,
): Uint8Array {
  const frames = pictures.map((picture) => pngParts(picture));
  const [{ width, height }] = pictures as readonly [Picture, ...Picture[]];
  // Chunks of the animation are numbered from 0, across their two kinds.
  let number = 0;
  const chunks = frames.flatMap(({ pixels }, frame) => {
    const control = new Uint8Array(26);
    const view = new DataView(control.buffer);
    view.setUint32(0, number++);
    view.setUint32(4, width);
    view.setUint32(8, height);
    // At 12 the offsets, at 24 what to do with the frame before: all 0, as each frame covers it.
    view.setUint16(20, 1);
    view.setUint16(22, framesPerSecond);
    const isFirst = frame === 0;
    const data = isFirst ? pixels : joinBytes([uint32(number++), pixels]);
    return [pngChunk('fcTL', control), pngChunk(isFirst ? 'IDAT' : 'fdAT', data)];
  });
  return joinBytes([
    Uint8Array.from(pngSignature),
    pngChunk('IHDR', frames[0]!.header),
    pngChunk('acTL', joinBytes([uint32(frames.length), uint32(repeats)])),
    ...chunks,
    pngChunk('IEND', new Uint8Array()),
  ]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
