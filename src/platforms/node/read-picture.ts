import { DataFormatError } from '../../core/errors.ts';
import { decodePicture } from '../../io/decode-picture.ts';
import type { Picture } from '../../io/picture.ts';
import { readBytes } from './read-bytes.ts';

/**
 * Reads and decodes a file; whatever is wrong with it, the error names it.
 *
 * @internal
 */
export async function readPicture(action: string, file: string): Promise<Picture> {
  return decodeNamed(action, file, await readBytes(action, file));
}

/** Decodes the bytes of a file; what is wrong with them is said with its name. @internal */
export function decodeNamed(action: string, file: string, bytes: Uint8Array): Picture {
  try {
    return decodePicture(bytes);
  } catch (error) {
    if (!(error instanceof DataFormatError)) throw error;
    const message = `Cannot ${action}: '${file}' must be a valid picture. ${error.message}`;
    throw new DataFormatError(error.format, message, { cause: error });
  }
}
