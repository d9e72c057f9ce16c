/**
 * A value in a table: what a cell of CSV or of a JSON row holds. A missing one is `null`.
 *
 * @example A cell of each type
 * ```ts
 * const cells: TableValue[] = ['Adelie', 3750, true, new Date(0), null];
 * ```
 */
export type TableValue = string | number | boolean | Date | null;

/**
 * A row of a table: its values by the names of the columns.
 *
 * @example A penguin whose sex is not known
 * ```ts
 * const row: TableRow = { species: 'Adelie', mass: 3750, sex: null };
 * ```
 */
export type TableRow = Readonly<Record<string, TableValue>>;

/**
 * What a column of a table holds.
 *
 * | kind | how it is learned |
 * | --- | --- |
 * | `'category'` | one of its values; the rarest share one place if there are more than `maxCategories` |
 * | `'boolean'` | true or false |
 * | `'integer'`, `'real'`, `'date'` | a mode of its distribution and the place in it; frequent values, such as 0, by themselves |
 * | `'id'` | never: each generated row gets a new one |
 * | `'constant'` | never: each generated row gets its only value |
 *
 * @example What was found
 * ```ts
 * const { columns } = tableDataset('city,area\nBern,51.6\nZug,21.6\nBern,50.2\n');
 * const kinds: ColumnKind[] = columns.map(({ kind }) => kind);
 * console.log(kinds); // [ 'category', 'real' ]
 * ```
 */
export type ColumnKind = 'category' | 'boolean' | 'integer' | 'real' | 'date' | 'id' | 'constant';

/**
 * What is known of a column.
 *
 * @example Where values are missing
 * ```ts
 * const { columns } = tableDataset([{ a: 1, b: 'x' }, { a: 2, b: null }, { a: 5, b: 'y' }]);
 * const gaps = columns.filter((column: TableColumn) => column.missing > 0);
 * console.log(gaps.map(({ name, missing }) => `${name}: ${missing}`)); // [ 'b: 1' ]
 * ```
 */
export interface TableColumn {
  /** Its name. */
  readonly name: string;
  /** What it holds. */
  readonly kind: ColumnKind;
  /** Number of rows without a value. */
  readonly missing: number;
  /** Number of different values, missing ones not counted. */
  readonly distinct: number;
}

/**
 * The values of a column: numbers with NaN for missing ones, or places in a list of levels with −1
 * for missing ones.
 *
 * @internal
 */
export type ColumnValues =
  | { readonly numbers: Float64Array }
  | { readonly levels: readonly Exclude<TableValue, null>[]; readonly codes: Int32Array };

/** A column as it was read. @internal */
export interface ColumnData extends TableColumn {
  readonly values: ColumnValues;
  /** How numbers are written: dates as text, numbers that came as text. */
  readonly format?: NumberFormat | undefined;
  /** Most categories that are learned one by one. */
  readonly maxCategories: number;
}

/** How the numbers of a column become values again. @internal */
export interface NumberFormat {
  /** `'number'`, `'text'` for numbers in quotes, `'Date'`, or a pattern of dates. */
  readonly type: string;
  /**
   * Numbers are multiples of it: 1 for integers, 0.1 for one decimal place, a day in milliseconds;
   * 0 if of nothing.
   */
  readonly unit: number;
}
