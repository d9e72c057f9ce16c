import { formatShape, formatValue } from './format.ts';

/**
 * Checks at construction. Errors have the form
 * `Cannot <action>: <name> must be <expected>, got <actual>`.
 */

/** @internal */
export function checkPositiveInteger(action: string, name: string, value: number): void {
  checkNumber(action, name, value, 'a positive integer', Number.isSafeInteger(value) && value > 0);
}

/** @internal */
export function checkNonNegativeInteger(action: string, name: string, value: number): void {
  checkNumber(
    action,
    name,
    value,
    'an integer of at least 0',
    Number.isSafeInteger(value) && value >= 0,
  );
}

/** Checks that a seed is an integer from 0 to 2³² − 1, so that no two seeds are equivalent. */
export function checkSeed(action: string, seed: number): void {
  const ok = Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 32;
  checkNumber(action, 'seed', seed, 'an integer of at least 0 and less than 2³²', ok);
}

/** @internal */
export function checkPositive(action: string, name: string, value: number): void {
  checkNumber(action, name, value, 'a positive number', Number.isFinite(value) && value > 0);
}

/** @internal */
export function checkFinite(action: string, name: string, value: number): void {
  checkNumber(action, name, value, 'a finite number', Number.isFinite(value));
}

/** @internal */
export function checkNonNegative(action: string, name: string, value: number): void {
  checkNumber(action, name, value, 'a number of at least 0', Number.isFinite(value) && value >= 0);
}

/**
 * Checks `low ≤ value < high`.
 *
 * @internal
 */
export function checkInRange(
  action: string,
  name: string,
  value: number,
  low: number,
  high: number,
): void {
  checkNumber(
    action,
    name,
    value,
    `at least ${low} and less than ${high}`,
    Number.isFinite(value) && value >= low && value < high,
  );
}

/**
 * Refuses settings that would be silently ignored: values that are not objects, and unknown names.
 *
 * @param known - Every valid name; left out if another object uses the same options.
 * @param name - Name of the settings, if there are several.
 *
 * @internal
 */
export function checkOptions(
  action: string,
  options: unknown,
  known?: readonly string[],
  name = 'options',
): void {
  if (!isRecord(options)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be an object of settings, got ${formatValue(options)}`,
    );
  }
  const unknown = Object.keys(options).find((key) => known?.includes(key) === false);
  if (unknown === undefined) return;
  const wanted =
    known?.length === 0
      ? 'be empty, as there are no settings'
      : `have only the names ${known?.join(', ')}`;
  throw new TypeError(`Cannot ${action}: ${name} must ${wanted}, got ${formatValue(unknown)}`);
}

/** A default for every option; `undefined` for those that have none. */
type Defaults<O> = { readonly [K in keyof O]-?: O[K] | undefined };

/** Options with a value for each that has a default. */
type Filled<O, D extends Defaults<O>> = {
  readonly [K in keyof O]-?: undefined extends D[K] ? O[K] : Exclude<O[K], undefined>;
};

/**
 * The options with defaults for values that are left out or `undefined`. Refuses names that
 * `defaults` does not have.
 *
 * @param others - Further names that are allowed, and read elsewhere.
 *
 * @internal
 */
export function withDefaults<O extends object, const D extends Defaults<O>>(
  action: string,
  options: O,
  defaults: D,
  others: readonly string[] = [],
): Filled<O, D> {
  checkOptions(action, options, [...Object.keys(defaults), ...others]);
  const filled = Object.entries(defaults).map(([name, value]) => {
    const given = options[name as keyof O];
    return [name, given === undefined ? value : given] as const;
  });
  return Object.fromEntries(filled) as Filled<O, D>;
}

/**
 * Refuses a single value for options of both networks, which would be silently ignored.
 *
 * @internal
 */
export function checkPerNetwork(action: string, name: string, given: unknown): void {
  if (!isRecord(given)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be { generator, discriminator }, got ${formatValue(given)}`,
    );
  }
  checkOptions(action, given, ['generator', 'discriminator'], name);
}

/** Whether a value is an object with named members: not a list, date or promise. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  // Settings may also be a module: import * as settings.
  return /^\[object (Object|Module)\]$/.test(Object.prototype.toString.call(value));
}

/** @internal */
export function checkOneOf<T>(action: string, name: string, value: T, choices: readonly T[]): void {
  if (choices.includes(value)) return;
  const wanted = choices.map(formatValue).join(', ');
  throw new RangeError(
    `Cannot ${action}: ${name} must be one of ${wanted}, got ${formatValue(value)}`,
  );
}

/** @internal */
export function checkSameShape(
  action: string,
  names: string,
  first: readonly (number | null)[],
  second: readonly (number | null)[],
): void {
  if (first.length === second.length && first.every((size, axis) => size === second[axis])) return;
  throw new RangeError(
    `Cannot ${action}: ${names} must have the same shape, got ${formatShape(first)} and ${formatShape(second)}`,
  );
}

function checkNumber(
  action: string,
  name: string,
  value: unknown,
  wanted: string,
  ok: boolean,
): void {
  if (ok) return;
  const Kind = typeof value === 'number' ? RangeError : TypeError;
  throw new Kind(`Cannot ${action}: ${name} must be ${wanted}, got ${formatValue(value)}`);
}
