import { checkOneOf, checkOptions, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { TableConstraint } from '../../codecs/table/table-constraint.ts';
import type { ColumnKind } from '../../codecs/table/table-row.ts';
import { checkConstraints } from './check-constraints.ts';
import { findColumn } from './find-column.ts';
import { readCells, streamCells, type TableCells } from './table-cells.ts';
import { TableDataset } from './table-dataset.ts';

/**
 * CSV strings for missing values. `None` is not included, because it is a category in many tables.
 */
const missingTexts: readonly string[] = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL'];

const settable = ['category', 'boolean', 'integer', 'real', 'date', 'id', 'ignore'] as const;

/**
 * The setting of a column: its kind, `'ignore'` to drop it, or an object.
 *
 * @example A number that names a place, and a column that is left out
 * ```ts
 * const columns: Record<string, ColumnSetting> = {
 *   zip: { kind: 'category', maxCategories: 100 },
 *   notes: 'ignore',
 * };
 * ```
 */
export type ColumnSetting =
  | Exclude<ColumnKind, 'constant'>
  | 'ignore'
  | {
      /**
       * Kind of the column.
       *
       * @defaultValue detected
       */
      readonly kind?: Exclude<ColumnKind, 'constant'> | undefined;
      /**
       * Maximum number of categories that are learned separately; the rarest share one, whose
       * values are drawn by frequency.
       *
       * @defaultValue `256`
       */
      readonly maxCategories?: number | undefined;
    };

/**
 * Settings of {@link tableDataset}.
 *
 * @example Another word for no value, and a kind that was not found
 * ```ts
 * const options: TableDatasetOptions = { missing: ['', '?'], columns: { year: 'category' } };
 * const table = tableDataset('year,sales\n2024,1\n2025,?\n2026,4\n2026,7\n', options);
 * console.log(table.columns.map(({ kind, missing }) => `${kind} ${missing}`)); // [ 'category 0', 'integer 1' ]
 * ```
 */
export interface TableDatasetOptions {
  /**
   * Settings of columns, by name.
   *
   * @defaultValue all kinds are detected
   */
  readonly columns?: Readonly<Record<string, ColumnSetting>> | undefined;
  /**
   * Strings for missing values, in addition to `null`, `undefined` and NaN.
   *
   * @defaultValue in CSV, empty fields, `NA`, `N/A`, `NaN`, `nan`, `null` and `NULL`; in rows, none
   */
  readonly missing?: readonly string[] | undefined;
  /**
   * Constraints that hold in every row, and so in every generated row. The data are checked.
   *
   * @defaultValue `[]`
   */
  readonly constraints?: readonly TableConstraint[] | undefined;
  /**
   * Encoding of bytes: a label of `TextDecoder`, such as `windows-1252` or `shift_jis`.
   *
   * @defaultValue UTF-16 if they begin with its byte-order mark, else UTF-8
   */
  readonly encoding?: string | undefined;
  /**
   * Name of the table in messages and reports.
   *
   * @defaultValue `'table'`
   */
  readonly name?: string | undefined;
}

/**
 * Reads a table: detects the kind of each column, and creates a dataset for `createCtgan`.
 *
 * | data | kind |
 * | --- | --- |
 * | true and false | `'boolean'` |
 * | numbers | `'real'`, `'integer'`; `'category'` if there are two distinct integers |
 * | dates such as 2026-11-30, 11/30/2026 or 30.11.26, with or without a time | `'date'`; month first if ambiguous |
 * | other text, also with a leading zero | `'category'` |
 * | integers without gaps, distinct strings without spaces, in at least 20 rows | `'id'`: never learned |
 * | one value | `'constant'` |
 * | more than 80 % distinct strings | an error: free text and names cannot be learned |
 *
 * In CSV, the delimiter (comma, semicolon, tab or vertical bar) is detected; numbers use a decimal
 * point.
 *
 * @param source - Rows, the text of a CSV file with a header (RFC 4180), or its bytes.
 * @param options - Settings of columns, strings for missing values, constraints, the encoding of bytes.
 * @returns The dataset, which copies the data it requires.
 * @throws TypeError if a cell does not match its column's kind, RangeError if a column cannot be
 * learned or the encoding is unknown, DataFormatError if CSV is invalid; each names the row and the
 * column.
 *
 * @example CSV
 * ```ts
 * const table = tableDataset('species,mass\nAdelie,3750\nGentoo,5000\nAdelie,\nGentoo,5100\n');
 * console.log(table.columns[1]); // { name: 'mass', kind: 'integer', missing: 1, distinct: 3 }
 * ```
 */
export function tableDataset(
  source: readonly object[] | string | Uint8Array,
  options?: TableDatasetOptions,
): TableDataset;
/**
 * Reads a table from a stream, which is never in memory as a whole.
 *
 * @param source - The bytes of a CSV file with a header (RFC 4180), in parts of any length.
 * @param options - Settings of columns, strings for missing values, constraints, the encoding of bytes.
 * @returns The dataset.
 * @throws As for data in memory, and what the stream throws.
 *
 * @example A file in Node
 * ```ts no-run
 * const { createReadStream } = await import('node:fs');
 * const table = await tableDataset(createReadStream('customers.csv'), { columns: { notes: 'ignore' } });
 * ```
 */
export function tableDataset(
  source: AsyncIterable<Uint8Array>,
  options?: TableDatasetOptions,
): Promise<TableDataset>;
export function tableDataset(
  source: readonly object[] | string | Uint8Array | AsyncIterable<Uint8Array>,
  options: TableDatasetOptions = {},
): TableDataset | Promise<TableDataset> {
  const action = 'read the table';
  const { columns, missing, constraints, encoding, name } = withDefaults(action, options, {
    columns: {},
    missing: undefined,
    constraints: [],
    encoding: undefined,
    name: 'table',
  });
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(
      `Cannot ${action}: name must be a string that is not empty, got ${formatValue(name)}`,
    );
  }
  if (
    missing !== undefined &&
    !(Array.isArray(missing) && missing.every((text) => typeof text === 'string'))
  ) {
    throw new TypeError(
      `Cannot ${action}: missing must be a list of texts, got ${formatValue(missing)}`,
    );
  }
  const read = (cells: TableCells): TableDataset => {
    const { size, isText, rowName } = cells;
    const names = [...cells.columns.keys()];
    const settings = checkSettings(action, columns, names);
    const words = missing ?? (isText ? missingTexts : []);
    const data = names.flatMap((column) => {
      const { kind, maxCategories = 256 } = settings.get(column) ?? {};
      const readColumn = cells.columns.get(column)!;
      cells.columns.delete(column);
      if (kind === 'ignore') return [];
      const found = { action, name: column, cells: readColumn(), isText, missing: words, kind };
      return [findColumn({ ...found, maxCategories, rowName })];
    });
    if (data.length === 0) {
      throw new RangeError(`Cannot ${action}: it must have a column that is not ignored, got none`);
    }
    const checked = checkConstraints(action, constraints, data, cells);
    return new TableDataset({ name, size, data, constraints: checked });
  };
  return isStream(source)
    ? streamCells(action, source, encoding).then(read)
    : read(readCells(action, source, encoding));
}

function isStream(source: unknown): source is AsyncIterable<unknown> {
  return typeof source === 'object' && source !== null && Symbol.asyncIterator in source;
}

interface Setting {
  readonly kind?: Exclude<ColumnKind, 'constant'> | 'ignore' | undefined;
  readonly maxCategories?: number | undefined;
}

function checkSettings(
  action: string,
  columns: Readonly<Record<string, ColumnSetting>>,
  names: readonly string[],
): ReadonlyMap<string, Setting> {
  checkOptions(action, columns, names, 'columns');
  const entries = Object.entries(columns).map(([name, setting]) => {
    const path = `columns.${name}`;
    const given: Setting = typeof setting === 'string' ? { kind: setting } : setting;
    if (typeof given !== 'object' || given === null) {
      throw new TypeError(
        `Cannot ${action}: ${path} must be a kind, or { kind, maxCategories }, got ${formatValue(setting)}`,
      );
    }
    checkOptions(action, given, ['kind', 'maxCategories'], path);
    checkOneOf(action, `${path}.kind`, given.kind, [...settable, undefined]);
    if (given.maxCategories !== undefined) {
      checkPositiveInteger(action, `${path}.maxCategories`, given.maxCategories);
    }
    return [name, given] as const;
  });
  return new Map(entries);
}
