import { readFile } from 'node:fs/promises';
import { orExplain } from './write-file.ts';

/** The bytes of a file; if it cannot be read, the error names it. @internal */
export async function readBytes(action: string, file: string): Promise<Uint8Array> {
  return orExplain(`${action}: '${file}' must be readable`, () => readFile(file));
}
