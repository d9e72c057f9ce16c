import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Picture } from '../../../src/io/picture.ts';
import { encodePng } from '../../../src/io/png.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A PNG of one color. */
export function plain(width: number, height: number, ...color: number[]): Uint8Array {
  const channels = color.length as Picture['channels'];
  const data = new Uint8Array(width * height * channels).map((_, i) => color[i % channels] ?? 0);
  return encodePng({ width, height, channels, data });
}

/** A temporary folder with these files. */
export async function folderOf(files: Record<string, Uint8Array | string>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}
