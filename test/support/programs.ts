import { spawnSync } from 'node:child_process';

/**
 * Whether programs of other packages are in PATH, such as Redis; tests that need them are skipped
 * elsewhere, and say so. `.ci/run` installs them and sets a variable, after which none may lack.
 */
export function hasPrograms(...names: readonly string[]): boolean {
  const found = spawnSync('sh', ['-c', `command -v ${names.join(' >/dev/null && command -v ')}`]);
  return allowed(found.status === 0, names.join(', '));
}

/** Whether something that tests need is there, if it must not be. */
export function allowed(isThere: boolean, name: string): boolean {
  if (isThere) return true;
  if (process.env['TFJS_GAN_SKIP_NOTHING'] !== undefined) {
    throw new Error(`Cannot run all tests: install ${name}`);
  }
  console.warn(`Tests that need ${name} are skipped`);
  return false;
}
