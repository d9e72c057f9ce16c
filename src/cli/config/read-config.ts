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
  const refuse = refusalsOf('train', file);
  const isModule = /\.m?js$/.test(file);
  const given = isModule ? await readModule(file, refuse) : await readObject(file, refuse);
  const isFlag = ([name]: readonly [string, unknown]): boolean =>
    name !== '$schema' && !(isModule && name === 'gan');
  const values = Object.fromEntries(Object.entries(given).filter(isFlag));
  const settings = checkSettings(values, flags, dirname(file), refuse);
  if (!isModule || given['gan'] === undefined) return { file, settings };
  if (typeof given['gan'] === 'function') {
    return { file, settings: { ...settings, gan: resolve(file) } };
  }
  throw refuse('gan must be a function that creates a GAN', formatValue(given['gan']));
}

/** Words an error about a setting, such as `seeds must be a list in 'sweep.json', got 3`. */
export type Refuse = (wanted: string, got: string) => UsageError;

/** Errors about a file of settings. */
export function refusalsOf(action: string, file: string): Refuse {
  return (wanted, got) => new UsageError(`Cannot ${action}: ${wanted} in '${file}', got ${got}`);
}

/** Reads a file with a JSON object. */
export async function readObject(
  file: string,
  refuse: Refuse,
): Promise<Readonly<Record<string, unknown>>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw refuse('there must be JSON', messageOf(error));
  }
  return objectOf(parsed, refuse);
}

async function readModule(
  file: string,
  refuse: Refuse,
): Promise<Readonly<Record<string, unknown>>> {
  let read: unknown;
  try {
    read = await importDefault(file);
  } catch (error) {
    throw refuse('there must be a module', messageOf(error));
  }
  return objectOf(read, refuse);
}

function objectOf(value: unknown, refuse: Refuse): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value;
  throw refuse('there must be an object', formatValue(value));
}

/**
 * Checks settings by the flags of their names, and `data`; paths of files, relative to `folder`,
 * become absolute.
 */
export function checkSettings(
  values: Readonly<Record<string, unknown>>,
  flags: Flags,
  folder: string,
  refuse: Refuse,
): Readonly<Record<string, unknown>> {
  const names = ['data', ...Object.keys(flags)];
  const settings = Object.entries(values).map(([name, value]) => {
    if (!names.includes(name)) {
      throw refuse('each name must be a setting', `'${name}'${didYouMean(name, names)}`);
    }
    const flag = flags[name];
    const read = flag === undefined ? textOf(value) : valueOf(flag, value);
    if (read === undefined) {
      throw refuse(`${name} must be ${expectedOf(flag)}`, formatValue(value));
    }
    const isPath = typeof read === 'string' && paths.includes(name) && !words.includes(read);
    return [name, isPath ? resolve(folder, read) : read] as const;
  });
  return Object.fromEntries(settings);
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
  const { type } = flag.schema;
  if (typeof value !== (type === 'integer' ? 'number' : type)) return undefined;
  return type === 'boolean' ? value : flag.read(String(value));
}

function expectedOf(flag: Flag<unknown> | undefined): string {
  if (flag === undefined) return 'a nonempty text';
  return flag.schema.type === 'boolean' ? 'true or false' : flag.expected;
}
