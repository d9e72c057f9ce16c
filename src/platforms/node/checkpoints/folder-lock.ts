import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CheckpointError } from '../../../core/errors.ts';
import { isMissing } from '../write-file.ts';
import { isGone, startOfProcess } from './process-life.ts';

/** Who holds a folder. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in the system's own words, since numbers of processes come again. */
  readonly started: string | undefined;
  /** Tells two claims of one process apart. */
  readonly claim: number;
}

let claims = 0;

/**
 * Takes a folder for this process, by a folder `lock` inside: a rename puts it there with its content, or not at all.
 *
 * The lock of a process that is gone, whoever ended it, is taken over.
 *
 * @returns What gives the folder back.
 * @throws CheckpointError where a process that is alive has it, or one of another machine, which nobody here can tell.
 *
 * @internal
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  // Before the first wait: another claim of this process may come in between.
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
    while (!(await moved(draft, lock))) await removeIfGone(lock, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  return async () => {
    // Another process may have been told to take it by hand.
    if (!isSame(await readOwner(lock), own)) return;
    const names = (await readdir(folder)).filter((name) => name.startsWith(stalePrefix));
    for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
    // Out of the way in one step: half removed, it would look like a stale one.
    if (await moved(lock, draft)) await rm(draft, { recursive: true, force: true });
  };
}

const stalePrefix = '.stale-lock-';

/** Whether a folder could be moved to a place that must be free. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // What a place that is taken is called: by Linux, by macOS, by Windows.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    if (code === 'EPERM' && (await readOwner(to)) !== undefined) return false;
    throw error;
  }
}

/**
 * Makes room where the owner is gone; refuses where it is not.
 *
 * Several may find the same owner gone. Each moves the lock to a place named after that very lock, which takes one and stays
 * until the new owner has ended: who comes late finds it taken, and cannot move the new owner's lock away.
 */
async function removeIfGone(lock: string, folder: string): Promise<void> {
  try {
    // Before the look: where the lock changes meanwhile, the look finds the new one.
    const { ino, mtimeMs } = await stat(lock);
    const owner = await readOwner(lock);
    if (owner !== undefined && !(await ownerIsGone(owner))) throw taken(folder, lock, owner);
    await moved(lock, join(folder, `${stalePrefix}${ino}-${mtimeMs}`));
  } catch (error) {
    // Somebody else moved it away first, which is as good.
    if (!isMissing(error)) throw error;
  }
}

async function ownerIsGone({ pid, host, started }: Owner): Promise<boolean> {
  return host === hostname() && (await isGone(pid, started));
}

/** Who a lock names; undefined where there is none, or one that says nothing. */
async function readOwner(lock: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(join(lock, 'owner.json'), 'utf8')) as Partial<Owner>;
    return Number.isSafeInteger(owner?.pid) ? (owner as Owner) : undefined;
  } catch (error) {
    // A power cut may leave a lock without content; its owner is gone.
    if (isMissing(error) || (error as Error).name === 'SyntaxError') return undefined;
    throw error;
  }
}

function isSame(a: Owner | undefined, b: Owner | undefined): boolean {
  return (
    a?.pid === b?.pid && a?.host === b?.host && a?.started === b?.started && a?.claim === b?.claim
  );
}

function taken(folder: string, lock: string, { pid, host }: Owner): CheckpointError {
  const who =
    host !== hostname()
      ? `process ${pid} on the machine '${host}'`
      : pid === process.pid
        ? 'another run of this process'
        : `process ${pid}`;
  const cure =
    host === hostname()
      ? 'Wait for it to end, or choose another folder'
      : `Where that run is over, remove '${lock}'`;
  return new CheckpointError(
    `Cannot checkpoint: '${folder}' must be free, got one that ${who} writes to. ${cure}`,
  );
}
