import { identity } from '../../codecs/table/identity.ts';
import { formatValue } from '../../core/format.ts';
import { copyOfText } from '../../core/text.ts';
import { datePattern, readDate, timeUnit } from '../../codecs/table/date-pattern.ts';
import type {
  ColumnData,
  ColumnKind,
  NumberFormat,
  TableValue,
} from '../../codecs/table/table-row.ts';

/** Values that are not missing. */
type Present = Exclude<TableValue, null>;

/** A column whose kind is to be detected. @internal */
export interface FoundColumn {
  readonly action: string;
  readonly name: string;
  readonly cells: readonly unknown[];
  /** Whether strings may contain numbers. */
  readonly isText: boolean;
  /** Strings for missing values. */
  readonly missing: readonly string[];
  /** The caller's setting. */
  readonly kind: ColumnKind | undefined;
  readonly maxCategories: number;
  readonly rowName: (row: number) => string;
}

/** Minimum number of rows to detect ids and free text. */
const fewRows = 20;
/** Maximum decimal places to round to; beyond it, numbers are not rounded. */
const mostDecimals = 9;

/**
 * Detects the kind of a column, or reads it as the caller's kind.
 *
 * @throws TypeError if its cells have several types, an unsupported type, or not the caller's kind;
 * RangeError if it is free text, or a number is not finite. Each error names the column and, if
 * there is one, the row.
 *
 * @internal
 */
export function findColumn(column: FoundColumn): ColumnData {
  const values = column.cells.map((cell, row) => presentOf(column, cell, row));
  const kind = column.kind ?? kindOf(column, values);
  const missing = values.filter((value) => value === null).length;
  const about = { name: column.name, kind, missing, maxCategories: column.maxCategories };
  if (kind === 'integer' || kind === 'real' || kind === 'date') {
    const { numbers, format } = numbersOf(column, values, kind);
    const distinct = new Set(numbers.filter((value) => !Number.isNaN(value))).size;
    return { ...about, distinct, values: { numbers }, format };
  }
  const typed =
    kind === 'boolean'
      ? values.map((value, row) => booleanOf(column, value, row))
      : values.map(asNumber(column, values));
  const { levels, codes } = levelsOf(typed);
  return { ...about, distinct: levels.length, values: { levels, codes } };
}

/** A cell as a value of a table, `null` if it is missing. */
function presentOf(column: FoundColumn, cell: unknown, row: number): TableValue {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'string') return column.missing.includes(cell.trim()) ? null : cell;
  if (typeof cell === 'boolean') return cell;
  if (typeof cell === 'number') {
    if (Number.isNaN(cell)) return null;
    if (Number.isFinite(cell)) return cell;
    throw wrong(column, row, 'finite numbers', cell);
  }
  if (cell instanceof Date) {
    if (!Number.isNaN(cell.getTime())) return cell;
    throw wrong(column, row, 'valid dates', cell);
  }
  const cure =
    typeof cell === 'bigint'
      ? `Convert it to a number or to text, or leave the column out: columns: { ${keyOf(column)}: 'ignore' }`
      : `Give each of its parts a column, or leave it out: columns: { ${keyOf(column)}: 'ignore' }`;
  throw wrong(column, row, 'text, numbers, booleans, dates or null', cell, cure);
}

function kindOf(column: FoundColumn, values: readonly TableValue[]): ColumnKind {
  const present = values.filter((value) => value !== null);
  const distinct = new Set(present.map(identity)).size;
  if (distinct === 0 || (distinct === 1 && present.length === values.length)) return 'constant';
  const first = present[0]!;
  const type = typeOf(first);
  const other = values.findIndex((value) => value !== null && typeOf(value) !== type);
  if (other >= 0) {
    throw wrong(
      column,
      other,
      `values of one type, as the ${type} ${formatValue(first)}`,
      values[other],
      `Convert them, or pass columns: { ${keyOf(column)}: 'category' }`,
    );
  }
  if (type === 'boolean') return 'boolean';
  if (type === 'date') return 'date';
  const texts = present.map(String);
  if (type === 'number' || (column.isText && isNumeric(column, values))) {
    return kindOfNumbers(column, texts.map(Number), distinct);
  }
  if (column.isText && texts.every((text) => /^(true|false)$/i.test(text.trim()))) return 'boolean';
  if (datePattern(texts) !== undefined) return 'date';
  refuseBrokenDates(column, values);
  return kindOfTexts(column, texts, distinct);
}

function kindOfNumbers(
  column: FoundColumn,
  numbers: readonly number[],
  distinct: number,
): ColumnKind {
  if (!numbers.every(Number.isInteger)) return 'real';
  const isNew = distinct === numbers.length && numbers.length >= fewRows;
  const low = numbers.reduce((least, value) => Math.min(least, value));
  const high = numbers.reduce((most, value) => Math.max(most, value));
  const isCounted = isNew && numbers.length - 1 === high - low;
  if (isCounted || (isNew && /(^|[^a-z])(id|uuid|key|nr|no)$|[a-z]I[Dd]$/i.test(column.name)))
    return 'id';
  return distinct <= 2 ? 'category' : 'integer';
}

function kindOfTexts(column: FoundColumn, texts: readonly string[], distinct: number): ColumnKind {
  const share = distinct / texts.length;
  if (texts.length < fewRows || share < 0.5) return 'category';
  const words =
    texts.reduce((sum, text) => sum + text.trim().split(/\s+/).length, 0) / texts.length;
  if (distinct === texts.length && words < 1.5) return 'id';
  if (share < 0.8 && words < 4) return 'category';
  const found = `${distinct} different texts in ${texts.length} rows, such as ${formatValue(texts[0])}`;
  throw new RangeError(
    `Cannot ${column.action}: the column ${formatValue(column.name)} must hold values that come again, got ${found}. ` +
      `Free text and names cannot be learned: leave it out, columns: { ${keyOf(column)}: 'ignore' }, or have new ones made ` +
      "in its place, 'id', or learn the most frequent values, 'category'",
  );
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Whether the strings of a column are numbers; a leading zero, as in a postal code, excludes that.
 */
function isNumeric(column: FoundColumn, values: readonly TableValue[]): boolean {
  const texts = values.map((value) => (value === null ? undefined : String(value).trim()));
  const present = texts.filter((text) => text !== undefined);
  if (present.some((text) => /^[+-]?0\d/.test(text) || /^[+-]?\d{16,}$/.test(text))) return false;
  const isOne = (text: string): boolean => number.test(text) && Number.isFinite(Number(text));
  const count = present.filter(isOne).length;
  if (count === present.length) return true;
  if (count < 0.9 * present.length) return false;
  const row = texts.findIndex((text) => text !== undefined && !isOne(text));
  throw wrong(
    column,
    row,
    'numbers, as nearly all of its cells are',
    values[row],
    `If it stands for no value, pass missing: [${formatValue(texts[row])}]; if they are names, ` +
      `columns: { ${keyOf(column)}: 'category' }`,
  );
}

function refuseBrokenDates(column: FoundColumn, values: readonly TableValue[]): void {
  const present = values.flatMap((value, row) =>
    value === null ? [] : [{ text: String(value), row }],
  );
  const isDate = ({ text }: { readonly text: string }): boolean =>
    datePattern([text]) !== undefined;
  // Fast path: most text columns have no date in their first cells.
  if (!present.slice(0, fewRows).some(isDate)) return;
  const patterns = present.map(isDate);
  if (patterns.filter(Boolean).length < 0.9 * present.length) return;
  const at = patterns.indexOf(false);
  if (at < 0) return;
  const { row, text } = present[at]!;
  const cure = `If it stands for no value, pass missing: [${formatValue(text)}]`;
  throw wrong(column, row, 'dates, as nearly all of its cells are', text, cure);
}

interface Numbers {
  readonly numbers: Float64Array;
  readonly format: NumberFormat;
}

function numbersOf(
  column: FoundColumn,
  values: readonly TableValue[],
  kind: 'integer' | 'real' | 'date',
): Numbers {
  if (kind === 'date') return datesOf(column, values);
  const numbers = Float64Array.from(values, (value, row) => {
    if (value === null) return NaN;
    const isWritten = typeof value === 'string' && number.test(value.trim());
    const read = typeof value === 'number' || isWritten ? Number(value) : NaN;
    const fits = kind === 'integer' ? Number.isSafeInteger(read) : Number.isFinite(read);
    if (fits) return read;
    throw wrong(column, row, kind === 'integer' ? 'integers' : 'numbers', value);
  });
  // Numbers of CSV become numbers; number strings of rows stay strings.
  const isText = !column.isText && values.some((value) => typeof value === 'string');
  const unit = kind === 'integer' ? integerUnit(numbers) : unitOf(numbers);
  return { numbers, format: { type: isText ? 'text' : 'number', unit } };
}

function datesOf(column: FoundColumn, values: readonly TableValue[]): Numbers {
  const texts = values.filter((value) => typeof value === 'string');
  const pattern = texts.length === 0 ? 'Date' : datePattern(texts);
  const numbers = Float64Array.from(values, (value, row) => {
    if (value === null) return NaN;
    const isDate = value instanceof Date && pattern === 'Date';
    const time = isDate
      ? value.getTime()
      : pattern !== undefined && typeof value === 'string'
        ? readDate(value, pattern)
        : undefined;
    if (time !== undefined) return time;
    throw wrong(column, row, 'dates of one form, such as 2026-11-30', value);
  });
  return { numbers, format: { type: pattern ?? 'Date', unit: timeUnit(numbers) } };
}

/**
 * Greatest common divisor of all integers, such as 25 for masses from a coarse scale; 1 if there
 * are only a few.
 */
function integerUnit(numbers: Float64Array): number {
  const different = new Set(numbers.filter((value) => value !== 0 && !Number.isNaN(value)));
  if (different.size < fewRows) return 1;
  return [...different].map(Math.abs).reduce((unit, value) => greatestDivisor(unit, value));
}

function greatestDivisor(first: number, second: number): number {
  let [a, b] = [first, second];
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** The decimal places of numbers as a unit, such as 0.01; 0 if there are many. */
function unitOf(numbers: Float64Array): number {
  let decimals = 0;
  for (const value of numbers) {
    while (
      decimals <= mostDecimals &&
      !Number.isNaN(value) &&
      Number(value.toFixed(decimals)) !== value
    ) {
      decimals += 1;
    }
    if (decimals > mostDecimals) return 0;
  }
  return Number(`1e-${decimals}`);
}

function booleanOf(column: FoundColumn, value: TableValue, row: number): TableValue {
  if (value === null || typeof value === 'boolean') return value;
  const text = String(value).trim().toLowerCase();
  if (['true', '1', 'yes'].includes(text)) return true;
  if (['false', '0', 'no'].includes(text)) return false;
  throw wrong(column, row, 'true or false', value);
}

/** Numbers of CSV in a column of categories or ids become numbers if all cells are numbers. */
function asNumber(
  column: FoundColumn,
  values: readonly TableValue[],
): (value: TableValue) => TableValue {
  const isPlain = (value: TableValue): boolean =>
    value === null ||
    (typeof value === 'string' && number.test(value) && String(Number(value)) === value);
  if (!column.isText || !values.every(isPlain)) return (value) => value;
  return (value) => (value === null ? null : Number(value));
}

function levelsOf(values: readonly TableValue[]): {
  readonly levels: readonly Present[];
  readonly codes: Int32Array;
} {
  const places = new Map<unknown, number>();
  const levels: Present[] = [];
  const codes = Int32Array.from(values, (value) => {
    if (value === null) return -1;
    const key = identity(value);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, levels.length);
    return levels.push(typeof value === 'string' ? copyOfText(value) : value) - 1;
  });
  return { levels, codes };
}

function typeOf(value: Present): 'text' | 'number' | 'boolean' | 'date' {
  if (value instanceof Date) return 'date';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'number' : 'boolean';
}

/** The name of a column as a key of an object literal. */
function keyOf({ name }: FoundColumn): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : formatValue(name);
}

function wrong(
  column: FoundColumn,
  row: number,
  wanted: string,
  value: unknown,
  cure?: string,
): TypeError {
  const got =
    value instanceof Date && Number.isNaN(value.getTime()) ? 'an invalid Date' : formatValue(value);
  return new TypeError(
    `Cannot ${column.action}: the column ${formatValue(column.name)} must hold ${wanted}, got ${got} in ` +
      `${column.rowName(row)}${cure === undefined ? '' : `. ${cure}`}`,
  );
}
