import { readFile } from 'node:fs/promises';
import { reasonOf } from './write-file.ts';

/** The bytes of a file; if it cannot be read, the error names it. @internal */
export async function readBytes(action: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error(`Cannot ${action}: '${file}' must be readable, got ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
