import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** What a file of JSON lines holds; nothing if there is no file. A line without its end was cut off, and left out. */
export async function readJsonLines(path: string): Promise<unknown[]> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as unknown);
}
