import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { messageOf } from '../../core/realms.ts';
import { didYouMean } from '../closest-name.ts';
import type { Flag, Flags } from '../flags.ts';
import { UsageError } from '../usage-error.ts';

/** The files of settings that `train` reads without being told. */
const usualFiles = ['tfjs-gan.json', 'gan.config.mjs'] as const;

/** Settings of a run, and where they are. */
export interface Config {
  readonly file: string;
  /** By the names of the flags, and `data`; `gan` is the path of a module that creates networks. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Settings that name files: relative to the folder of the file of settings. */
const paths: readonly string[] = ['data', 'out', 'labels'];

/** Words that stand for no file. */
const words: readonly string[] = ['mnist', 'none', 'subfolders'];

/**
 * Reads a file of settings: the names of the flags in camel case, and `data`; of a module, its
 * default export, which may have a function `gan` as well.
 *
 * @param named - The file; the usual one, if there is one, if left out.
 * @param flags - The flags that may be set.
 * @returns The settings; undefined if there is no usual file.
 * @throws UsageError if it is damaged, or a setting is unknown or of the wrong kind.
 */
export async function readConfig(
  named: string | undefined,
  flags: Flags,
): Promise<Config | undefined> {
  const file = named ?? usualFile();
  if (file === undefined) return undefined;
  const isModule = /\.m?js$/.test(file);
  const refuse = (wanted: string, got: string): UsageError =>
    new UsageError(`Cannot train: ${wanted} in '${file}', got ${got}`);
  let parsed: unknown;
  try {
    parsed = isModule ? await importDefault(file) : JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw refuse(`there must be ${isModule ? 'a module' : 'JSON'}`, messageOf(error));
  }
  if (!isRecord(parsed)) throw refuse('there must be an object', formatValue(parsed));
  const names = ['data', ...Object.keys(flags), ...(isModule ? ['gan'] : [])];
  const entries = Object.entries(parsed).filter(([name]) => name !== '$schema');
  const settings = entries.map(([name, value]) => {
    if (!names.includes(name)) {
      throw refuse('each name must be a setting', `'${name}'${didYouMean(name, names)}`);
    }
    if (name === 'gan') {
      if (typeof value === 'function') return [name, resolve(file)] as const;
      throw refuse('gan must be a function that creates a GAN', formatValue(value));
    }
    const flag = flags[name];
    const read = flag === undefined ? textOf(value) : valueOf(flag, value);
    if (read === undefined) {
      throw refuse(`${name} must be ${expectedOf(flag)}`, formatValue(value));
    }
    const isPath = typeof read === 'string' && paths.includes(name) && !words.includes(read);
    return [name, isPath ? resolve(dirname(file), read) : read] as const;
  });
  return { file, settings: Object.fromEntries(settings) };
}

/** The default export of a module. */
export async function importDefault(file: string): Promise<unknown> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as {
    readonly default?: unknown;
  };
  return module.default;
}

function usualFile(): string | undefined {
  const [first, second] = usualFiles.filter((file) => existsSync(file));
  if (second === undefined) return first;
  throw new UsageError(
    `Cannot train: there must be one file of settings here, got ${first} and ${second}. Choose one: --config ${second}`,
  );
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
