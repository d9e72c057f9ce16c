import { isPlainObject } from '../../../core/realms.ts';

/**
 * Records of numbers, possibly nested, as rows of numbers: the storage format of long lists.
 * @internal
 */
export interface NumberTable {
  /** Each distinct form of the records. */
  readonly forms: readonly TableForm[];
  /** The form of each record, as its index in `forms`. */
  readonly order: Float64Array;
}

/** The records of one form. @internal */
export interface TableForm {
  /** A record with a column index in place of each number. */
  readonly columns: unknown;
  /** Number of columns. */
  readonly width: number;
  /** The numbers, row by row. */
  readonly values: Float64Array;
}

/**
 * A list with more forms is not stored as a table: it would need about as many tables as records.
 */
const mostForms = 64;

/** The members of a record: their names, and their values that are not numbers. */
interface Members {
  readonly names: readonly string[];
  readonly inner: readonly (Members | undefined)[];
}

/**
 * Converts records to a table.
 *
 * @returns The table; undefined if a value is neither a number nor a plain record, or there are too
 * many forms.
 *
 * @internal
 */
export function toTable(records: readonly unknown[]): NumberTable | undefined {
  const forms: { members: Members; values: number[] }[] = [];
  const order = new Float64Array(records.length);
  for (const [i, record] of records.entries()) {
    let form = forms.findIndex(({ members, values }) => addRow(record, members, values));
    if (form < 0) {
      const members = membersOf(record, 0);
      if (members === undefined || forms.length === mostForms) return undefined;
      const values: number[] = [];
      addRow(record, members, values);
      if (values.length === 0) return undefined;
      form = forms.push({ members, values }) - 1;
    }
    order[i] = form;
  }
  return {
    order,
    forms: forms.map(({ members, values }) => {
      let width = 0;
      const columns = withValues(members, () => width++);
      return { columns, width, values: Float64Array.from(values) };
    }),
  };
}

/**
 * Converts a table to records.
 *
 * @throws RangeError if its parts do not fit together.
 *
 * @internal
 */
export function fromTable({ forms, order }: NumberTable): unknown[] {
  const readers = forms.map(({ columns, width, values }) => {
    const members = membersOf(columns, 0);
    const places: number[] = [];
    const fits =
      members !== undefined &&
      addRow(columns, members, places) &&
      width > 0 &&
      places.length === width &&
      places.every((place, i) => place === i) &&
      values.length % width === 0;
    if (!fits) throw new RangeError('it has a table whose columns do not fit its rows');
    let at = 0;
    return {
      next: () => (at < values.length ? withValues(members, () => values[at++]!) : undefined),
      isDone: () => at === values.length,
    };
  });
  const records = Array.from(order, (form) => readers[form]?.next());
  if (records.includes(undefined) || !readers.every((reader) => reader.isDone())) {
    throw new RangeError('it has a table whose order does not fit its rows');
  }
  return records;
}

/** Plain data are not nested deeper; deeper input is malicious. */
export const deepest = 32;

function membersOf(record: unknown, depth: number): Members | undefined {
  if (!isPlain(record) || depth > deepest) return undefined;
  const names = Object.keys(record);
  const inner: (Members | undefined)[] = [];
  for (const name of names) {
    const value = record[name];
    const members = typeof value === 'number' ? undefined : membersOf(value, depth + 1);
    if (typeof value !== 'number' && members === undefined) return undefined;
    inner.push(members);
  }
  return { names, inner };
}

/** Appends the numbers of a record if it has this form, and nothing otherwise. */
function addRow(record: unknown, members: Members, values: number[]): boolean {
  const { length } = values;
  if (addMembers(record, members, values)) return true;
  values.length = length;
  return false;
}

/** Called many thousands of times: loops instead of closures. */
function addMembers(record: unknown, { names, inner }: Members, values: number[]): boolean {
  if (!isPlain(record)) return false;
  const found = Object.keys(record);
  if (found.length !== names.length) return false;
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i]!;
    if (found[i] !== name && !Object.hasOwn(record, name)) return false;
    const value = record[name];
    const members = inner[i];
    if (members !== undefined) {
      if (!addMembers(value, members, values)) return false;
    } else if (typeof value === 'number') values.push(value);
    else return false;
  }
  return true;
}

/** A record with this form. */
function withValues({ names, inner }: Members, next: () => number): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i]!;
    const members = inner[i];
    const value = members === undefined ? next() : withValues(members, next);
    if (name !== '__proto__') record[name] = value;
    // A plain assignment would set the prototype.
    else Object.defineProperty(record, name, { value, ...ordinary });
  }
  return record;
}

const ordinary = { enumerable: true, writable: true, configurable: true };

/** Whether a value is an object without a class. @internal */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && isPlainObject(value);
}
