import { formatValue } from '../../../core/format.ts';
import type { NamedArray } from '../../../core/named-arrays.ts';
import { isFloat32Array } from '../../../core/realms.ts';
import { deepest, fromTable, isPlain, type TableForm, toTable } from './number-table.ts';

/** An array of a snapshot, or numbers of a table. @internal */
export interface StoredArray {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

/**
 * A snapshot in two parts: its arrays by name, and the rest as JSON, with `{ $tensor: name }` in
 * place of each array.
 */
export interface TakenApart {
  readonly arrays: Readonly<Record<string, StoredArray>>;
  readonly rest: unknown;
}

/**
 * Shorter lists of records stay in JSON, for readers; longer ones would take long to print and to
 * parse.
 */
const leastRows = 100;

/**
 * Splits plain data of any form into arrays and JSON. Arrays are named by their path, numbers that
 * JSON does not have are written as `{ $number: 'NaN' }`, and long lists of records of numbers,
 * such as the steps of a history, as `{ $table: forms, order }` with their numbers among the
 * arrays.
 *
 * @internal
 */
export function takeApart(value: unknown): TakenApart {
  const arrays = new Map<string, StoredArray>();
  const store = (array: StoredArray, path: string): { $tensor: string } => {
    let name = path;
    // Names may contain the slash that joins them.
    for (let again = 2; arrays.has(name); again += 1) name = `${path}~${again}`;
    arrays.set(name, array);
    return { $tensor: name };
  };
  const walk = (part: unknown, path: string): unknown => {
    if (typeof part === 'number') return isJsonNumber(part) ? part : { $number: numberName(part) };
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) {
      const table = part.length < leastRows ? undefined : toTable(part);
      if (table === undefined) return part.map((member, i) => walk(member, join(path, String(i))));
      const { forms, order } = table;
      const $table = forms.map(({ columns, width, values }, i) => {
        const shape = [values.length / width, width];
        return { columns, rows: store({ shape, values }, join(path, String(i))) };
      });
      if (forms.length === 1) return { $table };
      return {
        $table,
        order: store({ shape: [order.length], values: order }, join(path, 'order')),
      };
    }
    if (isNamedArray(part)) return store(part, path);
    if (!isPlain(part)) {
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
 * Inverse of {@link takeApart}.
 *
 * @throws RangeError if the two parts do not belong together.
 *
 * @internal
 */
export function putTogether({ arrays, rest }: TakenApart): unknown {
  const left = new Set(Object.keys(arrays));
  const take = (name: unknown): StoredArray => {
    if (typeof name !== 'string' || !left.delete(name)) {
      throw new RangeError(`it names the tensor ${formatValue(name)}, which does not exist`);
    }
    return arrays[name]!;
  };
  const walk = (part: unknown, depth: number): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (depth > deepest) throw new RangeError(`it is nested more than ${deepest} levels deep`);
    if (Array.isArray(part)) return part.map((member) => walk(member, depth + 1));
    const { $tensor: name, $number: number, $table: table, order } = part as Marked;
    if (number !== undefined) return readNumber(number);
    if (name !== undefined) return take(name);
    if (table !== undefined) return readTable(table, order, take);
    return Object.fromEntries(
      Object.entries(part).map(([key, member]) => [key, walk(member, depth + 1)]),
    );
  };
  const whole = walk(rest, 0);
  if (left.size === 0) return whole;
  throw new RangeError(`it does not use the tensor ${formatValue([...left][0])}`);
}

/** Replacement for a value that JSON does not have. */
interface Marked {
  readonly $tensor?: unknown;
  readonly $number?: unknown;
  readonly $table?: unknown;
  readonly order?: unknown;
}

function readTable(
  table: unknown,
  order: unknown,
  take: (name: unknown) => StoredArray,
): unknown[] {
  const numbers = (marked: unknown): StoredArray & { readonly values: Float64Array } => {
    const { shape, values } = take(isPlain(marked) ? marked['$tensor'] : marked);
    if (values instanceof Float64Array) return { shape, values };
    throw new RangeError('it has a table whose numbers are not float64');
  };
  const forms = (Array.isArray(table) ? table : [table]).map((form: unknown): TableForm => {
    const { columns, rows } = isPlain(form) ? form : {};
    const { shape, values } = numbers(rows);
    return { columns, width: shape.length === 2 ? shape[1]! : 0, values };
  });
  const [only] = forms;
  if (order !== undefined || forms.length !== 1 || only === undefined) {
    return fromTable({ forms, order: numbers(order).values });
  }
  return fromTable({ forms, order: new Float64Array(only.values.length / (only.width || 1)) });
}

/** Whether JSON writes a number so that the same number is read back. */
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
  throw new RangeError(`it has ${formatValue(name)} in place of a number`);
}

function isNamedArray(value: object): value is NamedArray {
  const { shape, values } = value as Partial<NamedArray>;
  return isFloat32Array(values) && Array.isArray(shape);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}/${key}`;
}
