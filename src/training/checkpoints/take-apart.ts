import { formatValue } from '../../core/format.ts';
import type { NamedArray, NamedArrays } from '../../core/named-arrays.ts';
import { isFloat32Array, isPlainObject } from '../../core/realms.ts';

/** A snapshot in two parts: its arrays by name, and all else fit for JSON, with `{ $tensor: name }` in their places. */
export interface TakenApart {
  readonly arrays: NamedArrays;
  readonly rest: unknown;
}

/** Plain data go no deeper; what does was made to harm. */
const deepest = 32;

/**
 * Takes plain data apart, whatever their form: arrays go by the path that leads to them, numbers that JSON does not
 * know by `{ $number: 'NaN' }`.
 *
 * @internal
 */
export function takeApart(value: unknown): TakenApart {
  const arrays = new Map<string, NamedArray>();
  const walk = (part: unknown, path: string): unknown => {
    if (typeof part === 'number') return isJsonNumber(part) ? part : { $number: numberName(part) };
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map((member, i) => walk(member, join(path, String(i))));
    if (isNamedArray(part)) {
      let name = path;
      // Names may hold the stroke that joins them.
      for (let again = 2; arrays.has(name); again += 1) name = `${path}~${again}`;
      arrays.set(name, part);
      return { $tensor: name };
    }
    if (!isPlainObject(part)) {
      throw new TypeError(
        `Cannot write a checkpoint: ${path} must be plain data, got ${formatValue(part)}`,
      );
    }
    return Object.fromEntries(
      Object.entries(part).map(([key, member]) => [key, walk(member, join(path, key))]),
    );
  };
  const rest = walk(value, '');
  return { rest, arrays: Object.fromEntries(arrays) };
}

/**
 * The way back from {@link takeApart}.
 *
 * @throws RangeError where the two parts do not belong together.
 *
 * @internal
 */
export function putTogether({ arrays, rest }: TakenApart): unknown {
  const left = new Set(Object.keys(arrays));
  const walk = (part: unknown, depth: number): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (depth > deepest) throw new RangeError(`it is nested more than ${deepest} deep`);
    if (Array.isArray(part)) return part.map((member) => walk(member, depth + 1));
    const { $tensor: name, $number: number } = part as { $tensor?: unknown; $number?: unknown };
    if (number !== undefined) return readNumber(number);
    if (name !== undefined) {
      if (typeof name !== 'string' || !left.delete(name)) {
        throw new RangeError(`it names the tensor ${formatValue(name)}, which is not there`);
      }
      return arrays[name];
    }
    return Object.fromEntries(
      Object.entries(part).map(([key, member]) => [key, walk(member, depth + 1)]),
    );
  };
  const whole = walk(rest, 0);
  if (left.size === 0) return whole;
  throw new RangeError(`it does not name the tensor ${formatValue([...left][0])}`);
}

/** What JSON writes so that the same number comes back. */
function isJsonNumber(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function numberName(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function readNumber(name: unknown): number {
  if (name === 'NaN' || name === 'Infinity' || name === '-Infinity' || name === '-0') {
    return Number(name);
  }
  throw new RangeError(`it holds the number ${formatValue(name)}, which is none`);
}

function isNamedArray(value: object): value is NamedArray {
  const { shape, values } = value as Partial<NamedArray>;
  return isFloat32Array(values) && Array.isArray(shape);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}/${key}`;
}
