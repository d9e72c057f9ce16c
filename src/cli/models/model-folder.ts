import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The folder of a model: the given one, or that in the folder of a run; undefined if there is none. */
export function modelFolder(path: string): string | undefined {
  if (path === '') return undefined;
  const folder = basename(path) === 'model.json' ? dirname(path) : path;
  const folders = [folder, join(folder, 'generator')];
  return folders.find((each) => existsSync(join(each, 'model.json')));
}
