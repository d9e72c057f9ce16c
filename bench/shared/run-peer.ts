import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a program of `peers/` by Debian's Python. @returns The JSON that it prints. */
export function runPeer(
  program: string,
  args: readonly (string | number)[],
  threads: number,
): unknown {
  return JSON.parse(outputOfPeer(program, args, threads));
}

/** Runs a program of `peers/` by Debian's Python. @returns What it prints. */
export function outputOfPeer(
  program: string,
  args: readonly (string | number)[],
  threads: number,
): string {
  const script = fileURLToPath(new URL(`../peers/${program}`, import.meta.url));
  // Settings that pin OpenBLAS to an older processor would make the peer slower than it is.
  const pinned = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'];
  const kept = Object.entries(process.env).filter(([name]) => !pinned.includes(name));
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', [script, ...args.map(String)], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: {
      ...Object.fromEntries(kept),
      PYTHONDONTWRITEBYTECODE: '1',
      OMP_NUM_THREADS: `${threads}`,
      OPENBLAS_NUM_THREADS: `${threads}`,
    },
  });
  if (status !== 0) throw new Error(`PyTorch failed: ${stderr}`);
  return stdout.trim();
}
