import { isRecord } from './checks.ts';
import { formatValue } from './format.ts';

/**
 * Checks at construction for all parts of a training: optimizers, schedules, losses, penalties,
 * constraints. Reports and snapshots identify a part by its name, and compare its settings.
 */

/** The members of every part. */
interface Part {
  readonly name?: unknown;
  readonly settings?: unknown;
}

/** Refuses a part without a name, or with settings that a snapshot cannot compare. @internal */
export function checkPart(action: string, path: string, { name, settings = {} }: Part): void {
  if (typeof name !== 'string' || name === '') {
    throw wrong(action, `${path}.name`, 'a string that is not empty', name);
  }
  if (!isRecord(settings)) {
    throw wrong(action, `${path}.settings`, 'an object of numbers, strings and booleans', settings);
  }
  for (const [key, value] of Object.entries(settings)) {
    // A list never equals another one, and NaN never equals itself, so nothing saved with them
    // could be restored.
    if (['string', 'boolean', 'number'].includes(typeof value) && !Number.isNaN(value)) continue;
    const wanted = 'a number other than NaN, a string or a boolean';
    throw wrong(action, `${path}.settings.${key}`, wanted, value);
  }
}

/**
 * Refuses a value that is not a list of different names, such as `'a'` or `['a', 'a']`.
 *
 * @internal
 */
export function checkNames(action: string, path: string, names: unknown): void {
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string' && name);
  if (isList && new Set(names).size === names.length) return;
  throw wrong(action, path, 'a list of names, no two alike', names);
}

/** Refuses values of optional methods that are not functions. @internal */
export function checkHooks(action: string, path: string, part: object, names: string[]): void {
  for (const name of names) {
    const value = (part as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || typeof value === 'function') continue;
    throw wrong(action, `${path}.${name}`, 'a function', value);
  }
}

function wrong(action: string, path: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`Cannot ${action}: ${path} must be ${wanted}, got ${formatValue(value)}`);
}
