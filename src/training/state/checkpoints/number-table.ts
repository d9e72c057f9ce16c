import { isPlainObject } from '../../../core/realms.ts';

/** Records of numbers, perhaps nested, as rows of numbers: what a long list of them is written as. @internal */
export interface NumberTable {
  /** Each form that a record has. */
  readonly forms: readonly TableForm[];
  /** Which form each record has, by its place in `forms`. */
  readonly order: Float64Array;
}

/** The records of one form. @internal */
export interface TableForm {
  /** A record with the number of its column in place of each number. */
  readonly columns: unknown;
  /** How many columns there are. */
  readonly width: number;
  /** The numbers, row by row. */
  readonly values: Float64Array;
}

/** A list with more forms than these is no table: it would be written as about as many tables as records. */
const mostForms = 64;

/** The members of a record: their names, and what is in each that is no number. */
interface Members {
  readonly names: readonly string[];
  readonly inner: readonly (Members | undefined)[];
}

/**
 * Lays records out as a table.
 *
 * @returns The table; undefined if something in them is neither a number nor a plain record, or they have too many forms.
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
 * The records of a table.
 *
 * @throws RangeError if its parts do not fit each other.
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
    if (!fits) throw new RangeError('it holds a table whose columns do not fit its rows');
    let at = 0;
    return {
      next: () => (at < values.length ? withValues(members, () => values[at++]!) : undefined),
      isDone: () => at === values.length,
    };
  });
  const records = Array.from(order, (form) => readers[form]?.next());
  if (records.includes(undefined) || !readers.every((reader) => reader.isDone())) {
    throw new RangeError('it holds a table whose order does not fit its rows');
  }
  return records;
}

/** Plain data go no deeper; what does was made to harm. @internal */
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

/** Adds the numbers of a record, if it has the form, and nothing else. */
function addRow(record: unknown, members: Members, values: number[]): boolean {
  const { length } = values;
  if (addMembers(record, members, values)) return true;
  values.length = length;
  return false;
}

/** Many thousands of calls in one go: loops, and no closures. */
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

/** A record of this form. */
function withValues({ names, inner }: Members, next: () => number): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i]!;
    const members = inner[i];
    const value = members === undefined ? next() : withValues(members, next);
    if (name !== '__proto__') record[name] = value;
    // Assigned, it would become the prototype.
    else Object.defineProperty(record, name, { value, ...ordinary });
  }
  return record;
}

const ordinary = { enumerable: true, writable: true, configurable: true };

/** Whether a value holds others by name and is of no class. @internal */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && isPlainObject(value);
}
