import { identity } from '../../codecs/table/identity.ts';
import { formatValue } from '../../core/format.ts';
import { Random } from '../../core/random.ts';
import type { ColumnKind, TableValue } from '../../codecs/table/table-row.ts';
import { tableDataset } from '../../data/table/read-table.ts';
import { TableDataset } from '../../data/table/table-dataset.ts';

/** A table, or its rows. @internal */
export type TableSource = TableDataset | readonly object[];

/**
 * A column of several tables: numbers with NaN for missing ones, or codes of shared levels with −1
 * for missing ones.
 *
 * @internal
 */
export interface AlignedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly isNumber: boolean;
  /** The levels as text; none if it is a column of numbers. */
  readonly labels: readonly string[];
  /** The values of each table. */
  readonly values: readonly Float64Array[];
}

/**
 * The columns of several tables, read as those of the first one. Ids and columns of one value tell
 * nothing and are left out.
 *
 * @param names - What messages call the tables.
 * @throws TypeError if a table is none, or a cell is not of the kind of the first table's column;
 *   RangeError if a column is missing.
 *
 * @internal
 */
export function alignTables(
  action: string,
  names: readonly string[],
  sources: readonly TableSource[],
): readonly AlignedColumn[] {
  const [first, ...others] = sources;
  const base = first instanceof TableDataset ? first : read(action, names[0]!, first, {});
  const kept = base.columns.filter(({ kind }) => kind !== 'id' && kind !== 'constant');
  if (kept.length === 0) {
    throw new RangeError(
      `Cannot ${action}: ${names[0]!} must have a column with at least two values, got none`,
    );
  }
  const kinds = Object.fromEntries(
    base.columns.map(({ name, kind }) => [name, kind === 'constant' ? 'ignore' : kind] as const),
  );
  const tables = [
    base,
    ...others.map((source, i) =>
      source instanceof TableDataset ? source : read(action, names[i + 1]!, source, kinds),
    ),
  ];
  return kept.map(({ name, kind }) => {
    const columns = tables.map((table, i) => {
      const data = table.data.find((one) => one.name === name);
      if (data !== undefined) return data;
      throw new RangeError(
        `Cannot ${action}: ${names[i]!} must have the column ${formatValue(name)} of ${names[0]!}, got ` +
          table.columns.map((one) => one.name).join(', '),
      );
    });
    const places = new Map<unknown, number>();
    const labels: string[] = [];
    const place = (value: TableValue): number => {
      const key = identity(value);
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, places.size);
      labels.push(value instanceof Date ? value.toISOString() : String(value));
      return places.size - 1;
    };
    const isNumber = 'numbers' in columns[0]!.values;
    const values = columns.map(({ values: own }, i) => {
      if ('numbers' in own !== isNumber) {
        throw new TypeError(
          `Cannot ${action}: the column ${formatValue(name)} of ${names[i]!} must be of the kind '${kind}', as in ` +
            `${names[0]!}, got '${columns[i]!.kind}'. Pass rows in place of a TableDataset`,
        );
      }
      if ('numbers' in own) return own.numbers;
      const ofLevel = own.levels.map(place);
      return Float64Array.from(own.codes, (code) => (code < 0 ? -1 : ofLevel[code]!));
    });
    return { name, kind, isNumber, labels, values };
  });
}

function read(
  action: string,
  name: string,
  rows: unknown,
  kinds: Readonly<Record<string, Exclude<ColumnKind, 'constant'> | 'ignore'>>,
): TableDataset {
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a TableDataset or a list of rows, got ${formatValue(rows)}`,
    );
  }
  const given = rows as readonly object[];
  const present = Object.keys(kinds).filter((key) => given.some((row) => key in Object(row)));
  const columns = Object.fromEntries(present.map((key) => [key, kinds[key]!]));
  return tableDataset(given, { columns, name });
}

/**
 * Some rows of a table by their numbers, at most so many; the same ones for the same seed.
 *
 * @internal
 */
export function someRows(size: number, most: number, seed: number): Uint32Array {
  return new Random(seed).permutation(size).slice(0, most);
}
