import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { messageOf } from '../../core/realms.ts';
import { didYouMean } from '../closest-name.ts';
import type { Flag, Flags } from '../flags.ts';
import { UsageError } from '../usage-error.ts';

/** The file of settings that `train` reads without being told. */
export const usualConfig = 'tfjs-gan.json';

/** Settings that name files: relative to the folder of the file of settings. */
const paths: readonly string[] = ['data', 'out', 'labels'];

/** Words that stand for no file. */
const words: readonly string[] = ['mnist', 'none', 'subfolders'];

/**
 * Reads a file of settings: the names of the flags in camel case, and `data`.
 *
 * @param named - The file; the usual one, if it exists, if left out.
 * @param flags - The flags that may be set.
 * @returns The settings; undefined if the usual file does not exist.
 * @throws UsageError if it is damaged, or a setting is unknown or of the wrong kind.
 */
export async function readConfig(
  named: string | undefined,
  flags: Flags,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const file = named ?? usualConfig;
  const refuse = (wanted: string, got: string): UsageError =>
    new UsageError(`Cannot train: ${wanted} in '${file}', got ${got}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw refuse('there must be JSON', messageOf(error));
  }
  if (!isRecord(parsed)) throw refuse('there must be an object', formatValue(parsed));
  const names = ['data', ...Object.keys(flags)];
  const entries = Object.entries(parsed).filter(([name]) => name !== '$schema');
  const settings = entries.map(([name, value]) => {
    if (!names.includes(name)) {
      throw refuse('each name must be a setting', `'${name}'${didYouMean(name, names)}`);
    }
    const flag = flags[name];
    const read = flag === undefined ? textOf(value) : valueOf(flag, value);
    if (read === undefined) {
      throw refuse(`${name} must be ${expectedOf(flag)}`, formatValue(value));
    }
    const isPath = typeof read === 'string' && paths.includes(name) && !words.includes(read);
    return [name, isPath ? resolve(dirname(file), read) : read] as const;
  });
  return Object.fromEntries(settings);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value of a flag: true or false for a switch, a number for a number. */
function valueOf(flag: Flag<unknown>, value: unknown): unknown {
  if (flag.hint === '') return typeof value === 'boolean' ? value : undefined;
  const isNumber = ['N', 'X'].includes(flag.hint);
  return typeof value === (isNumber ? 'number' : 'string') ? flag.read(String(value)) : undefined;
}

function expectedOf(flag: Flag<unknown> | undefined): string {
  if (flag === undefined) return 'a nonempty text';
  return flag.hint === '' ? 'true or false' : flag.expected;
}
