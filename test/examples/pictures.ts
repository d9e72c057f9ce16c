import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { expect } from 'vitest';

/** Expects a sound PNG file of so many pixels. */
export async function expectPng(
  path: string,
  wanted: { width: number; height: number; channels: number },
): Promise<void> {
  const { width, height, channels } = decode(await readFile(path), { checkCrc: true });
  expect({ width, height, channels }).toEqual(wanted);
}

/** Expects sheets of test pictures in a folder, the last of which the report shows. */
export async function expectSheets(
  folder: string,
  width: number,
  height: number,
  channels: number,
): Promise<void> {
  const names = (await readdir(join(folder, 'samples'))).sort();
  const [last = 'none'] = names.slice(-1);
  const file = join(folder, 'samples', last);
  await expectPng(file, { width, height, channels });
  const report = await readFile(join(folder, 'report.html'), 'utf8');
  expect(report).toContain((await readFile(file)).toString('base64'));
}

/** Pixels along a side of a grid: images with gaps of 2 between and around them. */
export function gridSide(images: number, pixels: number, scale = 1): number {
  return images * pixels * scale + (images + 1) * 2;
}

/** Expects a whole SVG file in which every number is one. */
export async function expectSvg(path: string): Promise<void> {
  const picture = await readFile(path, 'utf8');
  expect(picture).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
  expect(picture).not.toMatch(/NaN|Infinity|undefined/);
}
