import { parseArgs } from 'node:util';

/** A wrong command line: the program prints the message and ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A setting of an example: its default value, and how to parse its flag. */
export interface Flag<T> {
  readonly value: T;
  /** The placeholder for the flag's value in the help text; empty for a switch, which has none. */
  readonly hint: string;
  readonly help: string;
  readonly expected: string;
  /** The parsed value, or undefined if the text is invalid. */
  readonly read: (text: string) => T | undefined;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The settings that a table of flags describes. */
export type SettingsOf<T extends Flags> = {
  readonly [K in keyof T]: T[K] extends Flag<infer V> ? V : never;
};

/** Several settings under the name of one flag. */
export interface Preset<T extends Flags> {
  readonly help: string;
  readonly settings: Partial<SettingsOf<T>>;
}

/** A positive integer. If `value` is undefined, so is the setting unless its flag is given. */
export function count<V extends number | undefined>(value: V, help: string): Flag<V | number> {
  return number(value, 'N', help, 'a positive integer', (n) => Number.isSafeInteger(n) && n > 0);
}

/** A nonnegative integer. */
export function seed(value: number, help: string): Flag<number> {
  const fits = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  return number(value, 'N', help, 'an integer of at least 0', fits);
}

/** A positive number. */
export function positive<V extends number | undefined>(value: V, help: string): Flag<V | number> {
  return number(value, 'X', help, 'a positive number', (n) => Number.isFinite(n) && n > 0);
}

/** A number of at least 0 and less than 1. */
export function share(value: number, help: string): Flag<number> {
  return number(value, 'X', help, 'at least 0 and less than 1', (n) => n >= 0 && n < 1);
}

/** Any text that is not empty. */
export function text<V extends string | undefined>(value: V, help: string): Flag<V | string> {
  return {
    value,
    hint: 'TEXT',
    help,
    expected: 'a nonempty text',
    read: (given) => given || undefined,
  };
}

/** One of a few words. */
export function choice<V extends string>(value: V, words: readonly V[], help: string): Flag<V> {
  const read = (given: string): V | undefined => words.find((word) => word === given);
  return { value, hint: 'WORD', help, expected: `one of ${words.join(', ')}`, read };
}

/** On if the flag is given. */
export function onOff(help: string): Flag<boolean> {
  return { value: false, hint: '', help, expected: 'given without a value', read: () => true };
}

/**
 * Parses the command line. The setting `batchSize` has the flag `--batch-size`; a preset has its
 * own name.
 *
 * @param typed - The arguments after the name of the program.
 * @returns The settings and the names of those given by a flag; undefined if `--help` was given and
 * printed.
 */
export function readSettings<T extends Flags>(
  command: string,
  flags: T,
  presets: Readonly<Record<string, Preset<T>>> = {},
  typed: readonly string[] = process.argv.slice(2),
): { settings: SettingsOf<T>; given: ReadonlySet<string> } | undefined {
  const texts = parse(typed, [
    ...Object.entries(flags).map(([name, { hint }]) => [toFlag(name), hint !== ''] as const),
    ...['help', ...Object.keys(presets)].map((name) => [name, false] as const),
  ]);
  if (texts['help'] !== undefined) {
    console.log(helpText(command, flags, presets));
    return undefined;
  }
  const chosen = Object.keys(presets).filter((name) => texts[name] !== undefined);
  if (chosen.length > 1) {
    throw new UsageError(`Cannot start: --${chosen.join(' and --')} cannot be combined`);
  }
  const settings: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) settings[name] = flag.value;
  Object.assign(settings, presets[chosen[0] ?? '']?.settings);
  const names = Object.keys(flags).filter((name) => texts[toFlag(name)] !== undefined);
  for (const name of names) {
    const { read, expected } = flags[name]!;
    const given = String(texts[toFlag(name)]);
    settings[name] = read(given);
    if (settings[name] !== undefined) continue;
    throw new UsageError(`Cannot start: --${toFlag(name)} must be ${expected}, got '${given}'`);
  }
  return { settings: settings as SettingsOf<T>, given: new Set(names) };
}

function number<V extends number | undefined>(
  value: V,
  hint: string,
  help: string,
  expected: string,
  fits: (n: number) => boolean,
): Flag<V | number> {
  const read = (typed: string): number | undefined => {
    const n = typed.trim() === '' ? NaN : Number(typed);
    return fits(n) ? n : undefined;
  };
  return { value, hint, help, expected, read };
}

function parse(
  typed: readonly string[],
  names: readonly (readonly [name: string, hasValue: boolean])[],
): Readonly<Record<string, string | boolean | undefined>> {
  const options = Object.fromEntries(
    names.map(([name, hasValue]) => [
      name,
      { type: hasValue ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...typed], options, allowPositionals: false }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The first sentence names the flag; the rest does not apply here.
    const [sentence] = error.message.split(/[.\n]/);
    throw new UsageError(`Cannot start: ${sentence ?? ''}`, { cause: error });
  }
}

function helpText<T extends Flags>(
  command: string,
  flags: T,
  presets: Readonly<Record<string, Preset<T>>>,
): string {
  const rows = [
    ...Object.entries(presets).map(([name, preset]) => [`--${name}`, preset.help]),
    ...Object.entries(flags).map(([name, { hint, help, value }]) => [
      `--${toFlag(name)} ${hint}`,
      value === undefined || hint === '' ? help : `${help} (${value as string | number})`,
    ]),
    ['--help', 'shows this help'],
  ] as [string, string][];
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return [`${command}\n`, ...rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`)].join(
    '\n',
  );
}

/** `batchSize` → `batch-size` */
function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
