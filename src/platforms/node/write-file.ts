import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../core/realms.ts';

/**
 * Writes a file atomically, and creates missing folders.
 *
 * @internal
 */
export async function writeFileWhole(
  action: string,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  await orExplain(`${action}: '${path}' must be writable`, async () => {
    await makeFolder(dirname(path));
    await replace(path, (file) => file.writeFile(content));
  });
}

/**
 * Creates a folder and its parents, if they do not exist.
 *
 * Node's own `recursive` never returns for a place in which no folder can be created, such as
 * /proc.
 *
 * @internal
 */
export async function makeFolder(path: string): Promise<void> {
  const makeOne = async (): Promise<void> => {
    try {
      await mkdir(path);
    } catch (error) {
      // Another process may have created it meanwhile.
      if (!(await isFolder(path))) throw error;
    }
  };
  try {
    await makeOne();
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
    await makeOne();
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Writes a file atomically: under a name next to it first, because a rename within a folder is
 * atomic. The name is random, as containers that share a disk may have the same process numbers.
 *
 * @internal
 */
export async function replace<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx');
    let result: T;
    try {
      result = await write(file);
      // Otherwise the rename may reach the disk before the content.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    return result;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'a read-only disk',
  ENOSPC: 'a full disk',
  EDQUOT: 'a full disk quota',
  EFBIG: 'a limit on the length of files',
  EIO: 'a failing disk',
  EMFILE: 'too many open files',
  ENOTDIR: 'a file where a folder is needed',
  EEXIST: 'a file where a folder is needed',
  EISDIR: 'a folder with that name',
  ENOENT: 'no such file',
  ENAMETOOLONG: 'a name that is too long',
};

/** The reason of a file system error, in words. @internal */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return reasons[code] ?? code;
  return messageOf(error);
}

/** Whether a file system error reports that the file does not exist. @internal */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Runs work on files. An error says `Cannot <claim>`, and why it does not hold. @internal */
export async function orExplain<T>(claim: string, work: () => Promise<T>, cure = ''): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`Cannot ${claim}, got ${reasonOf(error)}${cure}`, { cause: error });
  }
}

/** What is read, or `undefined` if it is not there. @internal */
export async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
