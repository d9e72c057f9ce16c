import { readFile } from 'node:fs/promises';
import { DataFormatError } from '../../core/errors.ts';
import { decodePicture } from '../../io/decode-picture.ts';
import type { Picture } from '../../io/picture.ts';
import { reasonOf } from './write-file.ts';

/**
 * Reads and decodes a file; whatever is wrong with it, the error names it.
 *
 * @internal
 */
export async function readPicture(action: string, file: string): Promise<Picture> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new Error(`Cannot ${action}: '${file}' must be readable, got ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return decodeNamed(action, file, bytes);
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
