import { createHash } from 'node:crypto';
import type { Picture } from '../../src/io/picture.ts';
import golden from '../golden/pictures.json' with { type: 'json' };

/** Files, and what Pillow reads from them: see `test/golden/make_pictures.py`. */
export const goldenPictures: typeof golden = golden;

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** The file of a JPEG by its name. */
export function jpegNamed(name: string): Uint8Array {
  const found = golden.jpegs.find((jpeg) => jpeg.name === name);
  if (found === undefined) throw new Error(`no golden JPEG is called '${name}'`);
  return bytesOf(found.file);
}

/** A picture as the golden numbers have it. */
export function summaryOf({ width, height, channels, data }: Picture): object {
  return { width, height, channels, sha256: createHash('sha256').update(data).digest('hex') };
}
