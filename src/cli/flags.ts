import { parseArgs } from 'node:util';
import { didYouMean } from './closest-name.ts';
import { UsageError } from './usage-error.ts';

/** A setting of a command: its default value, and how to parse its flag. */
export interface Flag<T> {
  readonly value: T;
  /** The placeholder for the flag's value in the help text; empty for a switch, which has none. */
  readonly hint: string;
  readonly help: string;
  readonly expected: string;
  /** What the setting may be in a file of settings. */
  readonly schema: FlagSchema;
  /** The parsed value, or undefined if the text is invalid. */
  readonly read: (text: string) => T | undefined;
  /**
   * Whether the flag may be given several times; `read` then receives each text, and the setting is
   * a list.
   */
  readonly isList?: boolean;
}

/** The JSON schema of a setting. */
export interface FlagSchema {
  readonly type: 'boolean' | 'integer' | 'number' | 'string';
  readonly [keyword: string]: unknown;
}

/**
 * The flags of a command by the names of their settings: the setting `batchSize` has the flag
 * `--batch-size`.
 */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The settings that a table of flags describes. */
export type SettingsOf<T extends Flags> = {
  readonly [K in keyof T]: T[K] extends Flag<infer V> ? V : never;
};

/** A positive integer. If `value` is undefined, so is the setting unless its flag is given. */
export function count<V extends number | undefined>(value: V, help: string): Flag<V | number> {
  const schema = { type: 'integer', minimum: 1 } as const;
  const expected = 'a positive integer';
  return number(
    { value, hint: 'N', help, expected, schema },
    (n) => Number.isSafeInteger(n) && n > 0,
  );
}

/** An integer from 0 to 2³² − 1. */
export function seed<V extends number | undefined>(value: V, help: string): Flag<V | number> {
  const schema = { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 } as const;
  const expected = 'an integer of at least 0 and less than 2³²';
  const fits = (n: number): boolean => Number.isSafeInteger(n) && n >= 0 && n <= schema.maximum;
  return number({ value, hint: 'N', help, expected, schema }, fits);
}

/** A positive number. */
export function positive<V extends number | undefined>(value: V, help: string): Flag<V | number> {
  const schema = { type: 'number', exclusiveMinimum: 0 } as const;
  const expected = 'a positive number';
  return number({ value, hint: 'X', help, expected, schema }, (n) => Number.isFinite(n) && n > 0);
}

const nonempty = {
  expected: 'a nonempty text',
  schema: { type: 'string', minLength: 1 },
} as const;

/** Any text that is not empty. */
export function text<V extends string | undefined>(
  value: V,
  help: string,
  hint = 'TEXT',
): Flag<V | string> {
  return { ...nonempty, value, hint, help, read: (given) => given || undefined };
}

/** Nonempty texts, one for each time the flag is given. */
export function texts(help: string, hint = 'TEXT'): Flag<readonly string[]> {
  const read = (given: string): readonly string[] | undefined =>
    given === '' ? undefined : [given];
  return { ...nonempty, value: [], hint, help, read, isList: true };
}

/** One of a few words. */
export function choice<V extends string | undefined>(
  value: V,
  words: readonly NonNullable<V>[],
  help: string,
): Flag<V> {
  const read = (given: string): V | undefined => words.find((word) => word === given);
  const expected = `one of ${words.join(', ')}`;
  return { value, hint: 'WORD', help, expected, schema: { type: 'string', enum: words }, read };
}

/** On if the flag is given. */
export function onOff(help: string): Flag<boolean> {
  const expected = 'given without a value';
  return { value: false, hint: '', help, expected, schema: { type: 'boolean' }, read: () => true };
}

/** A parsed command line. */
export interface ParsedFlags<T extends Flags> {
  /** The values of the flags that were given, parsed. */
  readonly given: Partial<SettingsOf<T>>;
  /** The arguments that are not flags. */
  readonly operands: readonly string[];
}

/**
 * Parses the flags and operands of a command.
 *
 * @param action - What the user requested, for errors: `Cannot <action>: …`.
 * @throws UsageError for an unknown flag, with the closest known one, for an invalid value, and for
 * two values of one flag.
 */
export function parseFlags<T extends Flags>(
  action: string,
  flags: T,
  typed: readonly string[],
): ParsedFlags<T> {
  const byFlag = new Map(
    Object.entries(flags).map(([name, flag]) => [toFlag(name), { name, flag }]),
  );
  const options = Object.fromEntries(
    [...byFlag].map(([name, { flag }]) => [
      name,
      { type: flag.hint === '' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  // Not strict: its errors name neither the closest flag nor what was expected.
  const { tokens } = parseArgs({ args: [...typed], options, strict: false, tokens: true });
  const given: Record<string, unknown> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const known = byFlag.get(token.name);
    if (known === undefined) {
      throw new UsageError(
        `Cannot ${action}: there is no flag ${token.rawName}${didYouMean(token.name, [...byFlag.keys()], '--')}`,
      );
    }
    const { name, flag } = known;
    const isSwitch = flag.hint === '';
    // The next argument became the value; a negative number is one, another flag is not.
    const isTaken = token.inlineValue === false && /^-(?!\.?\d)./.test(token.value);
    const value = isSwitch || isTaken ? undefined : token.value;
    if (isSwitch ? token.value !== undefined : value === undefined) {
      const got = isSwitch ? `got '${String(token.value)}'` : 'got no value';
      throw new UsageError(`Cannot ${action}: ${token.rawName} must be ${flag.expected}, ${got}`);
    }
    if (Object.hasOwn(given, name) && !isSwitch && flag.isList !== true) {
      throw new UsageError(`Cannot ${action}: ${token.rawName} must be given once, got it twice`);
    }
    given[name] = readValue(action, token.rawName, flag, value ?? '', given[name]);
  }
  return { given: given as Partial<SettingsOf<T>>, operands };
}

/** Parses the value of a flag, or throws. */
function readValue(
  action: string,
  flagName: string,
  flag: Flag<unknown>,
  value: string,
  former: unknown,
): unknown {
  const read = flag.read(value);
  if (read === undefined) {
    throw new UsageError(
      `Cannot ${action}: ${flagName} must be ${flag.expected}, got '${value.slice(0, 80)}'`,
    );
  }
  return flag.isList === true ? [...((former ?? []) as unknown[]), ...(read as unknown[])] : read;
}

/** The settings of a table of flags, before any flag is given. */
export function defaultsOf<T extends Flags>(flags: T): SettingsOf<T> {
  const values = Object.entries(flags).map(([name, { value }]) => [name, value] as const);
  return Object.fromEntries(values) as SettingsOf<T>;
}

/** Rows of a help text: a flag with its placeholder, and what it does with its default. */
export function helpRows(flags: Flags): readonly (readonly [flag: string, help: string])[] {
  return Object.entries(flags).map(([name, { hint, help, value }]) => {
    const isShown = hint !== '' && (typeof value === 'number' || typeof value === 'string');
    return [`--${toFlag(name)} ${hint}`.trim(), isShown ? `${help} (${value})` : help] as const;
  });
}

/** Aligned lines of two columns. */
export function inColumns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}

/** `batchSize` → `batch-size` */
export function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function number<V extends number | undefined>(
  flag: Omit<Flag<V>, 'read'>,
  fits: (n: number) => boolean,
): Flag<V | number> {
  const read = (typed: string): number | undefined => {
    const n = typed.trim() === '' ? NaN : Number(typed);
    return fits(n) ? n : undefined;
  };
  return { ...flag, read };
}
