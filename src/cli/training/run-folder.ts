import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { isRecord } from '../../core/checks.ts';
import { CheckpointError } from '../../core/errors.ts';
import { lockFolder } from '../../platforms/node/checkpoints/folder-lock.ts';
import { makeFolder, reasonOf } from '../../platforms/node/write-file.ts';
import { UsageError } from '../usage-error.ts';
import { presets, type RunSettings } from './run-settings.ts';

/** The file that identifies a folder as a run. */
export const settingsFile = 'settings.json';

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

/** Whether a folder is a run of `train`, by the content of its settings. */
async function isRun(folder: string): Promise<boolean> {
  const settings = readFile(join(folder, settingsFile), 'utf8').then(parse, () => undefined);
  return (await settings) !== undefined;
}

/**
 * Refuses a folder that has files, unless it is an earlier run that may be overwritten. Nothing is
 * changed.
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
  // Other programs have a settings.json too, and --overwrite removes the folder.
  const isOurs = await isRun(folder);
  if (overwrite && isOurs) return;
  throw new UsageError(
    `Cannot train: --out must be an empty folder, got '${folder}' with ${isOurs ? 'an earlier run' : 'other files'}. ` +
      (isOurs
        ? `Continue it: npx tfjs-gan resume ${quoted(folder)}. Or add --overwrite`
        : 'Choose another one'),
  );
}

/**
 * Creates the folder of a run with its settings; an earlier run in it is removed if it may be
 * overwritten.
 *
 * @returns What {@link lockRun} returns: the run has its folder to itself until that is called.
 * @throws UsageError if the data lie in it; CheckpointError or Error if another run uses it, or has
 * started in it meanwhile.
 */
export async function startFolder(
  folder: string,
  settings: RunSettings,
  overwrite: boolean,
): Promise<() => Promise<void>> {
  await checkFree(folder, overwrite);
  if (existsSync(join(folder, settingsFile))) {
    if (`${settings.data.path}${sep}`.startsWith(`${resolve(folder)}${sep}`)) {
      throw new UsageError(
        `Cannot train: --overwrite must not remove the data, got '${settings.data.path}' in '${folder}'. Choose another --out`,
      );
    }
    // Otherwise a run that still trains would lose its files. The lock goes with the folder.
    const release = await lockRun('train', folder);
    try {
      // What continues it in PyTorch locks its checkpoints alone.
      const kept = join(folder, 'checkpoints');
      if (existsSync(kept)) await lockRun('train', kept);
    } catch (error) {
      await release();
      throw error;
    }
    await rm(folder, { recursive: true });
  }
  await makeFolder(folder).catch((error: unknown) => {
    throw notWritable('train', folder, error);
  });
  await writeFile(join(folder, settingsFile), `${JSON.stringify(settings, null, 2)}\n`, {
    flag: 'wx',
  }).catch((error: unknown) => {
    const got = isThere(error) ? 'another run that has just started there' : reasonOf(error);
    throw new Error(`Cannot train: '${folder}' must be a writable folder of its own, got ${got}`, {
      cause: error,
    });
  });
  return lockRun('train', folder);
}

/**
 * Keeps other processes from writing to the folder of a run, until the returned function is called
 * or this process has ended, however it ends.
 *
 * @throws CheckpointError if another run uses the folder; Error if it is not writable.
 */
export async function lockRun(action: string, folder: string): Promise<() => Promise<void>> {
  try {
    return await lockFolder(action, folder);
  } catch (error) {
    throw error instanceof CheckpointError ? error : notWritable(action, folder, error);
  }
}

function notWritable(action: string, folder: string, error: unknown): Error {
  return new Error(
    `Cannot ${action}: '${folder}' must be a writable folder, got ${reasonOf(error)}`,
    { cause: error },
  );
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

/** A path as an argument of a shell. */
export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/**
 * Reads the settings of a run.
 *
 * @throws UsageError if the folder is no run.
 */
export async function readSettings(action: string, folder: string): Promise<RunSettings> {
  const path = join(folder, settingsFile);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new UsageError(
      `Cannot ${action}: RUN must be the folder of a run, got '${folder.slice(0, 80)}' without ${settingsFile}`,
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

/**
 * Whether a folder has settings to be read by {@link readSettings}: those of a run, or a file that
 * was cut off. Programs have files of this name too, for which a run in it is a model.
 */
export async function hasSettings(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, settingsFile), 'utf8').catch(() => undefined);
  return text !== undefined && (parse(text) !== undefined || !isJson(text));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parse(text: string): RunSettings | undefined {
  try {
    const settings = JSON.parse(text) as Partial<RunSettings> | null;
    const isSound =
      typeof settings?.data?.kind === 'string' &&
      presets.some((preset) => preset === settings.preset) &&
      isRecord(settings.end) &&
      isRecord(settings.backend);
    return isSound ? (settings as RunSettings) : undefined;
  } catch {
    return undefined;
  }
}
