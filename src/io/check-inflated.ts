import { Unzlib } from 'fflate';

/** Files whose pixels cannot unpack to more than this, whatever they hold, are not looked at twice. */
const harmless = 2 ** 26;

/** Deflate shrinks at most so many bytes to one. @internal */
export const largestRatio = 1032;

/** Bytes unpacked at a time: what may come of them is small. */
const slice = 2 ** 14;

/** Ends the unpacking. */
class TooLong extends Error {}

/**
 * Whether the packed pixels of a PNG unpack to no more than they should: a file of 400 kB can hold 400 MB of zeros.
 *
 * @param bytes - The file, its header checked.
 * @param longest - Bytes that the header lets expect.
 * @returns Whether they do. What is damaged otherwise is left to the decoder.
 *
 * @internal
 */
export function unpacksWithin(bytes: Uint8Array, longest: number): boolean {
  if (bytes.length * largestRatio <= Math.max(harmless, longest)) return true;
  let length = 0;
  const stream = new Unzlib((unpacked) => {
    length += unpacked.length;
    if (length > longest) throw new TooLong();
  });
  try {
    for (const chunk of pixelChunks(bytes)) {
      for (let at = 0; at < chunk.length; at += slice) stream.push(chunk.subarray(at, at + slice));
    }
  } catch (error) {
    return !(error instanceof TooLong);
  }
  return true;
}

/** The contents of all IDAT chunks. */
function* pixelChunks(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    if (view.getUint32(at + 4) === 0x49444154) yield bytes.subarray(at + 8, end);
    at = end + 4;
  }
}
