import { readFile } from 'node:fs/promises';

/**
 * When a process began, as Linux counts it; undefined where it is gone, or where the system does not tell.
 *
 * @internal
 */
export async function startOfProcess(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in brackets and may hold anything; state and start are fields 3 and 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/**
 * Whether a process is gone, though another may have its number by now.
 *
 * @param pid - Its number.
 * @param started - When it began, where that is known.
 *
 * @internal
 */
export async function isGone(pid: number, started: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // No permission: it is there, and somebody else's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  // A killed process keeps its number until its parent has looked; it has no start any more.
  return started !== undefined && (await startOfProcess(pid)) !== started;
}
