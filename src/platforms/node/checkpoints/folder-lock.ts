import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CheckpointError } from '../../../core/errors.ts';
import { isMissing } from '../write-file.ts';
import { isGone, startOfProcess } from './process-life.ts';

/** The owner of a lock. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process as the system reports it, because process ids are reused. */
  readonly started: string | undefined;
  /** Distinguishes two locks of one process. */
  readonly claim: number;
}

let claims = 0;

/**
 * Locks a folder for this process, with a folder `lock` inside: a rename creates it with its
 * content, or not at all.
 *
 * The lock of a process that has ended, however it ended, is taken over.
 *
 * @param action - What the user requested, for errors: `Cannot <action>: …`.
 * @param folder - The folder; it must exist.
 * @returns A function that releases the lock.
 * @throws CheckpointError if a running process holds the lock, or a process of another machine,
 * whose state is unknown.
 *
 * @internal
 */
export async function lockFolder(action: string, folder: string): Promise<() => Promise<void>> {
  // Set before the first `await`: another call in this process may come in between.
  claims += 1;
  const claim = claims;
  const own: Owner = {
    pid: process.pid,
    host: hostname(),
    started: await startOfProcess(process.pid),
    claim,
  };
  const lock = join(folder, 'lock');
  const draft = join(folder, `.lock-${own.pid}-${claim}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  try {
    await writeFile(join(draft, 'owner.json'), `${JSON.stringify(own)}\n`);
    while (!(await moved(draft, lock))) await removeIfGone(action, lock, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  return async () => {
    // Another process may have taken the lock over on the user's request.
    if (!isSame(await readOwner(lock), own)) return;
    const names = (await readdir(folder)).filter((name) => name.startsWith(stalePrefix));
    for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
    // Renamed before it is deleted: a partly deleted lock would look stale.
    if (await moved(lock, draft)) await rm(draft, { recursive: true, force: true });
  };
}

/** Whether a process that may still run holds the lock of a folder. @internal */
export async function isLocked(folder: string): Promise<boolean> {
  const owner = await readOwner(join(folder, 'lock'));
  return owner !== undefined && !(await ownerIsGone(owner));
}

const stalePrefix = '.stale-lock-';

/** Whether a folder could be moved to a place that must be free. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // The error codes of an existing target on Linux, macOS and Windows.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    if (code === 'EPERM' && (await readOwner(to)) !== undefined) return false;
    throw error;
  }
}

/**
 * Removes the lock if its owner has ended; refuses otherwise.
 *
 * Several processes may find the same stale lock. Each moves it to a place that is named after that
 * lock and stays occupied until the new owner has ended: a late process finds the place occupied,
 * so it cannot move the new owner's lock away.
 */
async function removeIfGone(action: string, lock: string, folder: string): Promise<void> {
  try {
    // Computed before the check: if the lock changes meanwhile, the check finds the new one.
    const { ino, mtimeMs } = await stat(lock);
    const owner = await readOwner(lock);
    if (owner !== undefined && !(await ownerIsGone(owner))) {
      throw taken(action, folder, owner);
    }
    await moved(lock, join(folder, `${stalePrefix}${ino}-${mtimeMs}`));
  } catch (error) {
    // Another process moved it first, with the same result.
    if (!isMissing(error)) throw error;
  }
}

async function ownerIsGone({ pid, host, started }: Owner): Promise<boolean> {
  return host === hostname() && (await isGone(pid, started));
}

/** The owner of a lock; undefined if there is no lock, or its content is invalid. */
async function readOwner(lock: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(join(lock, 'owner.json'), 'utf8')) as Partial<Owner>;
    return Number.isSafeInteger(owner?.pid) ? (owner as Owner) : undefined;
  } catch (error) {
    // A power failure may leave a lock without content; its owner has ended.
    if (isMissing(error) || (error as Error).name === 'SyntaxError') return undefined;
    throw error;
  }
}

/** Another run writes to a folder. @internal */
export class FolderTakenError extends CheckpointError {
  /** Whether its process is known to be alive: on another machine nobody knows. */
  readonly isAlive: boolean;

  constructor(message: string, isAlive: boolean) {
    super(message);
    this.isAlive = isAlive;
  }
}

function isSame(a: Owner | undefined, b: Owner | undefined): boolean {
  return (
    a?.pid === b?.pid && a?.host === b?.host && a?.started === b?.started && a?.claim === b?.claim
  );
}

function taken(action: string, folder: string, { pid, host, started }: Owner): FolderTakenError {
  const who =
    host !== hostname()
      ? `process ${pid} on the machine '${host}'`
      : pid === process.pid
        ? 'another run of this process'
        : `process ${pid}`;
  // Without a start time a number of a process may be that of a later one.
  const isAlive = host === hostname() && (started !== undefined || pid === process.pid);
  const cure = isAlive
    ? 'Wait for it to end, or choose another folder'
    : `If that run has ended, remove '${join(folder, 'lock')}'`;
  return new FolderTakenError(
    `Cannot ${action}: '${folder}' must be free, got one that ${who} writes to. ${cure}`,
    isAlive,
  );
}
