import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../core/realms.ts';

/**
 * Writes a file so that it is there whole or not at all, making the folders it needs.
 *
 * @internal
 */
export async function writeFileWhole(
  action: string,
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await replace(path, content);
  } catch (error) {
    throw new Error(`Cannot ${action}: '${path}' must be writable, got ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Makes a folder and those above it, where they are missing.
 *
 * Node's own `recursive` never comes back from a place where no folder can be made, such as /proc.
 *
 * @internal
 */
export async function makeFolder(path: string): Promise<void> {
  const makeOne = async (): Promise<void> => {
    try {
      await mkdir(path);
    } catch (error) {
      // Somebody else may have made it meanwhile.
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

let written = 0;

/** Under a name of its own beside the target first: a rename within a folder is one step. */
async function replace(path: string, content: string | Uint8Array): Promise<void> {
  written += 1;
  const draft = `${path}.${process.pid}-${written}.tmp`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(content);
      // Else the rename may reach the disk before the content does.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
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
  EIO: 'a disk that fails',
  EMFILE: 'too many open files',
  ENOTDIR: 'a file where a folder is needed',
  EEXIST: 'a file where a folder is needed',
  EISDIR: 'a folder of that name',
  ENOENT: 'no such file',
  ENAMETOOLONG: 'a name that is too long',
};

/** Why the file system refused, in words. @internal */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return reasons[code] ?? code;
  return messageOf(error);
}

/** Whether the file system said that there is no such file. @internal */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
