import { readFile } from 'node:fs/promises';

/**
 * Start time of a process, in Linux's units; undefined if it has ended, or if the system does not
 * report it.
 *
 * @internal
 */
export async function startOfProcess(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program name is in parentheses and may contain anything; state and start time are fields
    // 3 and 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/**
 * Whether a process has ended, even if its id was reused.
 *
 * @param pid - Its id.
 * @param started - Its start time, if known.
 *
 * @internal
 */
export async function isGone(pid: number, started: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // No permission means that it exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  // A zombie keeps its id until its parent has waited for it; it has no start time.
  return started !== undefined && (await startOfProcess(pid)) !== started;
}
