import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { checkPath } from '../check-path.ts';
import { CheckpointError } from '../../../core/errors.ts';
import { formatValue } from '../../../core/format.ts';
import type { CheckpointFiles, CheckpointStore } from '../../../training/state/checkpoint-store.ts';
import {
  checkCheckpointName,
  parseCheckpointName,
} from '../../../training/state/checkpoints/checkpoint-name.ts';
import { makeFolder, orExplain, reasonOf, unlessMissing } from '../write-file.ts';
import { lockFolder } from './folder-lock.ts';

/**
 * Keeps checkpoints in the folder of a run: `runs/a/checkpoints/0007-step-350/` with
 * `weights.safetensors`, `state.json`, `networks.json` and their checksums in `SHA256SUMS`.
 *
 * Each checkpoint is written to a temporary folder, flushed to the disk, and renamed, so neither a
 * kill nor a power failure leaves a partial one. While a run writes, no other run can; the lock of
 * a killed process is taken over.
 *
 * @param path - The folder of the run, as a path or a `file:` address; created with the first
 * checkpoint. Other files in it are kept.
 * @returns The store.
 * @throws RangeError if the path is empty.
 *
 * @example Resume the last run, if there is one
 * ```ts no-run
 * const run = directoryStore('runs/a');
 * if (await trainer.restore(run)) console.log(`continuing from step ${trainer.step}`);
 * await trainer.fit(dataset, { until: { epochs: 50 }, callbacks: [checkpoint(run)] });
 * ```
 */
export function directoryStore(path: string | URL): CheckpointStore {
  const run = resolve(checkPath('open a folder of checkpoints', path, 'path'));
  const folder = join(run, 'checkpoints');
  return {
    name: `'${run}'`,
    list: () => list(folder),
    read: (checkpoint) => read(join(folder, checkCheckpointName(checkpoint))),
    write: (checkpoint, files) => write(folder, checkCheckpointName(checkpoint), files),
    remove: (checkpoint) => remove(folder, checkCheckpointName(checkpoint)),
    claim: () => claim(folder),
  };
}

async function list(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  if (names === undefined) {
    await checkNotInside(dirname(folder));
    return [];
  }
  const checkpoints = names.filter((name) => parseCheckpointName(name) !== undefined);
  const strange = names.filter((name) => !name.startsWith('.') && name !== 'lock');
  if (checkpoints.length > 0 || strange.length === 0) return checkpoints;
  throw new CheckpointError(
    `Cannot look for checkpoints: '${folder}' must hold those of tfjs-gan, got other files (${formatValue(strange[0])}). ` +
      'Choose another folder',
  );
}

/**
 * Detects a likely mistake: the folder of the checkpoints, or of one of them, in place of the
 * run's.
 */
async function checkNotInside(path: string): Promise<void> {
  const names = (await namesIn(path)) ?? [];
  const isOne = names.includes('state.json') && names.includes('SHA256SUMS');
  if (!isOne && !names.some((name) => parseCheckpointName(name) !== undefined)) return;
  const run = isOne ? dirname(dirname(path)) : dirname(path);
  throw new CheckpointError(
    `Cannot look for checkpoints: path must be the folder of a run, got '${path}', which is inside of one. Pass '${run}'`,
  );
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CheckpointError(
      `Cannot look for checkpoints: '${folder}' must be a readable folder, got ${reasonOf(error)}`,
      [],
      { cause: error },
    );
  }
}

async function read(folder: string): Promise<CheckpointFiles | undefined> {
  const listing = readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  const entries = await readable(folder, listing);
  if (entries === undefined) return undefined;
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const files = names.map(async (name): Promise<[string, Uint8Array]> => {
    const path = join(folder, name);
    return [name, await readable(path, readFile(path))];
  });
  return Object.fromEntries(await Promise.all(files));
}

function readable<T>(path: string, reading: Promise<T>): Promise<T> {
  return orExplain(`read a checkpoint: '${path}' must be readable`, () => reading);
}

async function write(folder: string, name: string, files: CheckpointFiles): Promise<void> {
  const draft = join(folder, `.${name}.tmp`);
  const target = join(folder, name);
  const done = hearFileSizeLimit();
  try {
    await makeFolder(folder);
    await rm(draft, { recursive: true, force: true });
    await makeFolder(draft);
    for (const [file, bytes] of Object.entries(files)) await writeToDisk(join(draft, file), bytes);
    await syncFolder(draft);
    await rename(draft, target);
    await syncFolder(folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw new Error(
      `Cannot write a checkpoint: '${target}' must be writable, got ${reasonOf(error)}`,
      { cause: error },
    );
  } finally {
    done();
  }
}

async function writeToDisk(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the names in a folder to the disk; Windows neither supports nor needs it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Under `ulimit -f`, a file that grows too long ends the process, unless there is a signal handler:
 * then it is an error.
 */
function hearFileSizeLimit(): () => void {
  if (!('SIGXFSZ' in constants.signals)) return () => undefined;
  const listener = (): void => undefined;
  process.on('SIGXFSZ', listener);
  return () => process.off('SIGXFSZ', listener);
}

/** Renamed before it is deleted, so that a kill leaves no partial checkpoint in the list. */
async function remove(folder: string, name: string): Promise<void> {
  const removed = join(folder, `.${name}.removed`);
  const work = async (): Promise<void> => {
    await rm(removed, { recursive: true, force: true });
    await rename(join(folder, name), removed);
    await rm(removed, { recursive: true, force: true });
  };
  const claim = `remove a checkpoint: '${join(folder, name)}' must be removable`;
  await orExplain(claim, () => unlessMissing(work()));
}

async function claim(folder: string): Promise<() => Promise<void>> {
  // Reports errors of a wrong folder before anything is created there.
  await list(folder);
  try {
    await makeFolder(folder);
    const release = await lockFolder('checkpoint', folder);
    await sweep(folder);
    return release;
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(
      `Cannot checkpoint: '${folder}' must be a writable folder, got ${reasonOf(error)}`,
      [],
      { cause: error },
    );
  }
}

/** Removes partial writes of a killed run. */
async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder);
  const left = names.filter((name) => /^\.\d+-step-\d+\.(tmp|removed)$/.test(name));
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
}
