import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { makeFolder, reasonOf, writeFileWhole } from '../../platforms/node/write-file.ts';
import { UsageError } from '../usage-error.ts';
import type { RunSettings } from './run-settings.ts';

/** The file that identifies a folder as a run. */
const mark = 'settings.json';

/** The folder of a new run: the requested one, or `runs/<name>` with the next free number. */
export function chooseFolder(out: string | undefined, name: string): string {
  if (out !== undefined) return out;
  for (let number = 1; ; number += 1) {
    const folder = join('runs', number === 1 ? name : `${name}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

/** A name for the run of some data: `pictures` for `./pictures/`, `digits` for `digits.idx.gz`. */
export function nameOf(path: string): string {
  const name = basename(resolve(path)).replace(/(\.[a-z]+|-ubyte)?(\.gz)?$/i, '');
  return name === '' ? 'run' : name;
}

/**
 * Refuses a folder that has files, unless it is an earlier run that may be overwritten. Nothing is changed.
 *
 * @throws UsageError with what is there.
 */
export async function checkFree(folder: string, overwrite: boolean): Promise<void> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new UsageError(
      `Cannot train: --out must be a folder, got '${folder}' (${reasonOf(error)})`,
    );
  });
  if (names.length === 0) return;
  const isRun = names.includes(mark);
  if (overwrite && isRun) return;
  throw new UsageError(
    `Cannot train: --out must be an empty folder, got '${folder}' with ${isRun ? 'an earlier run' : 'other files'}. ` +
      (isRun
        ? `Continue it: npx tfjs-gan resume ${folder}. Or add --overwrite`
        : 'Choose another one'),
  );
}

/** Creates the folder of a run with its settings; an earlier run in it is removed. */
export async function startFolder(folder: string, settings: RunSettings): Promise<void> {
  if (existsSync(join(folder, mark))) await rm(folder, { recursive: true });
  await makeFolder(folder).catch((error: unknown) => {
    throw new Error(`Cannot train: '${folder}' must be a writable folder, got ${reasonOf(error)}`, {
      cause: error,
    });
  });
  await writeFileWhole('train', join(folder, mark), `${JSON.stringify(settings, null, 2)}\n`);
}

/**
 * Reads the settings of a run.
 *
 * @throws UsageError if the folder is no run.
 */
export async function readSettings(action: string, folder: string): Promise<RunSettings> {
  const path = join(folder, mark);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new UsageError(
      `Cannot ${action}: RUN must be the folder of a run, got '${folder.slice(0, 80)}' without ${mark}`,
    );
  }
  const settings = parse(text);
  if (settings === undefined) {
    throw new Error(
      `Cannot ${action}: '${path}' must be the settings of a run, got a damaged file`,
    );
  }
  return settings;
}

function parse(text: string): RunSettings | undefined {
  try {
    const settings = JSON.parse(text) as Partial<RunSettings> | null;
    const isSound = typeof settings?.data?.kind === 'string' && typeof settings.preset === 'string';
    return isSound ? (settings as RunSettings) : undefined;
  } catch {
    return undefined;
  }
}
