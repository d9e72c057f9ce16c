import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../shared/flags.ts';
import type { Settings } from './settings.ts';

/** The file that identifies a folder as a run. */
const mark = 'settings.json';

/**
 * Creates the folder of a run and saves its settings there. It replaces an earlier run only on
 * request: a run without a name gets the next free number, and a taken name is refused unless
 * `overwrite` is on.
 */
export async function makeRunFolder(settings: Settings): Promise<string> {
  const { out, name, overwrite } = settings;
  const folder = join(out, name === undefined ? freeName(out) : checkName(name));
  try {
    if (await holdsFiles(folder)) {
      const isRun = existsSync(join(folder, mark));
      if (!overwrite || !isRun) {
        throw new UsageError(
          `Cannot start: '${folder}' must be empty, got ${isRun ? 'an earlier run' : 'other files'}. ` +
            `Choose another --name${isRun ? ', or add --overwrite' : ''}`,
        );
      }
      await rm(folder, { recursive: true });
    }
    await makeFolder(folder);
    await writeFile(join(folder, mark), `${JSON.stringify(settings, null, 2)}\n`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot start: '${folder}' must be a writable folder, got ${reason}`, {
      cause: error,
    });
  }
  return folder;
}

function freeName(out: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'mnist' : `mnist-${number}`;
    if (!existsSync(join(out, name))) return name;
  }
}

function checkName(name: string): string {
  if (name === basename(name) && name !== '.' && name !== '..') return name;
  throw new UsageError(
    `Cannot start: --name must be the name of one folder, got '${name}'. Set its location with --out`,
  );
}

async function holdsFiles(folder: string): Promise<boolean> {
  return existsSync(folder) && (await readdir(folder)).length > 0;
}

/**
 * One folder at a time: `recursive` never returns in a place like /proc, where folders cannot be
 * created.
 */
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path);
}
