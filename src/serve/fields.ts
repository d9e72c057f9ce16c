import { formatValue } from '../core/format.ts';
import { HttpError } from './http-error.ts';
import type { Field } from './route.ts';

/** A whole number in a request. @internal */
export interface IntegerField extends Field {
  readonly schema: {
    readonly type: 'integer';
    readonly minimum: number;
    readonly maximum: number;
    readonly default?: number;
  };
}

/** @internal */
export function integerField(
  help: string,
  [minimum, maximum]: readonly [low: number, high: number],
  fallback?: number,
): IntegerField {
  const schema = { type: 'integer', minimum, maximum } as const;
  return { help, schema: fallback === undefined ? schema : { ...schema, default: fallback } };
}

/** Seeds, as `Generator.sample` takes them. @internal */
export function seedField(help: string): IntegerField {
  return integerField(help, [0, 2 ** 32 - 1]);
}

/**
 * Reads a whole number: a number from JSON, or digits from an address.
 *
 * @returns The number; the default if it is left out, or `undefined` if there is no default.
 *
 * @internal
 */
export function readInteger(name: string, value: unknown, field: IntegerField): number | undefined {
  const { minimum, maximum, default: fallback } = field.schema;
  if (value === undefined) return fallback;
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  if (
    typeof number === 'number' &&
    Number.isInteger(number) &&
    number >= minimum &&
    number <= maximum
  ) {
    return number;
  }
  throw new HttpError(
    400,
    `${name} must be an integer from ${minimum} to ${maximum}, got ${formatValue(value)}`,
  );
}

/**
 * An object of JSON whose names are all known.
 *
 * @internal
 */
export function readRecord(
  name: string,
  value: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, `${name} must be an object, got ${formatValue(value)}`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return value as Readonly<Record<string, unknown>>;
  const wanted = known.length === 0 ? 'no names' : `only the names ${known.join(', ')}`;
  throw new HttpError(400, `${name} must have ${wanted}, got ${formatValue(unknown)}`);
}

/**
 * The numbers of a tensor, as lists in lists of a shape or as one flat list.
 *
 * @param shape - With the number of rows first.
 *
 * @internal
 */
export function readNumbers(name: string, value: unknown, shape: readonly number[]): number[] {
  const size = shape.reduce((product, length) => product * length, 1);
  const numbers: number[] = [];
  const isFlat = Array.isArray(value) && shape.length > 1 && !Array.isArray(value[0]);
  const walk = (list: unknown, [length, ...inner]: readonly number[]): void => {
    if (length === undefined) {
      // Numbers become float32, which has a smaller range.
      if (typeof list !== 'number' || !Number.isFinite(Math.fround(list))) {
        throw new HttpError(
          400,
          `${name} must have finite float32 numbers, got ${formatValue(list)}`,
        );
      }
      numbers.push(list);
    } else if (Array.isArray(list) && list.length === length) {
      for (const each of list) walk(each, inner);
    } else {
      const actual = Array.isArray(list) ? `a list of ${list.length}` : formatValue(list);
      throw new HttpError(400, `${name} must have the shape [${shape.join(', ')}], got ${actual}`);
    }
  };
  walk(value, isFlat ? [size] : shape);
  return numbers;
}
