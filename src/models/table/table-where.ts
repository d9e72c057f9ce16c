import { identity } from '../../codecs/table/identity.ts';
import { checkOptions, isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { ColumnCodec, IsWanted } from '../../codecs/table/column-codec.ts';
import type { TableCodec } from '../../codecs/table/table-codec.ts';
import type { TableValue } from '../../codecs/table/table-row.ts';

/**
 * What is requested of a column: a value (`null` for a missing one), a list of which any will do,
 * or a range of numbers or dates, both ends included.
 *
 * @example Penguins of two species that weigh at least 4 kg
 * ```ts
 * const where: Record<string, ColumnRequest> = { species: ['Adelie', 'Gentoo'], mass: { min: 4000 } };
 * ```
 */
export type ColumnRequest =
  | TableValue
  | readonly TableValue[]
  | {
      /** Least value. */
      readonly min?: number | string | Date | undefined;
      /** Greatest value. */
      readonly max?: number | string | Date | undefined;
    };

/** What is requested of the rows, column by column. @internal */
export type WantedColumns = Readonly<Record<string, IsWanted>>;

/**
 * Checks what is requested against what a generator learned.
 *
 * @throws TypeError if it is of the wrong kind; RangeError if a column or value is unknown, or a
 *   range is empty.
 *
 * @internal
 */
export function wantedColumns(action: string, codec: TableCodec, where: unknown): WantedColumns {
  checkOptions(
    action,
    where,
    codec.columns.map(({ name }) => name),
    'where',
  );
  const entries = Object.entries(where as Readonly<Record<string, ColumnRequest>>)
    .filter(([, request]) => request !== undefined)
    .map(([name, request]) => {
      const column = codec.columns.find((one) => one.name === name)!;
      return [name, wantedOf(action, column, request)] as const;
    });
  return Object.fromEntries(entries);
}

function wantedOf(action: string, column: ColumnCodec, request: ColumnRequest): IsWanted {
  const path = `where.${column.name}`;
  if (column.kind === 'id') {
    throw new RangeError(
      `Cannot ${action}: ${path} must be left out, as the column holds ids, which are new in each row, ` +
        `got ${formatValue(request)}`,
    );
  }
  if (isRecord(request)) return rangeOf(action, path, column, request);
  const values = Array.isArray(request)
    ? (request as readonly TableValue[])
    : [request as TableValue];
  if (values.length === 0) {
    throw new RangeError(`Cannot ${action}: ${path} must name at least one value, got []`);
  }
  const keys = values.map((value) => keyOf(column, value));
  const isWanted: IsWanted = (value) => keys.includes(keyOf(column, value));
  values.forEach((value) => {
    checkKnown(action, path, column, value);
  });
  return isWanted;
}

/** Refuses a value that no row had: a category, or a number outside the range. */
function checkKnown(action: string, path: string, column: ColumnCodec, value: TableValue): void {
  const key = keyOf(column, value);
  if (column.values.some((known) => keyOf(column, known) === key)) return;
  const rank = column.rank(value);
  const [low, high] = column.range ?? [Infinity, -Infinity];
  if (rank !== undefined && low <= rank && rank <= high) return;
  throw new RangeError(
    `Cannot ${action}: ${path} must be a value that the data have, ${known(column)}, got ${formatValue(value)}`,
  );
}

/** The values of a column in words. */
function known({ values, range }: ColumnCodec): string {
  const [low, high] = range ?? [];
  const numbers = range === undefined ? [] : [`numbers or dates from ${low} to ${high}`];
  const some = values.slice(0, 8).map(formatValue);
  return `one of ${[...numbers, ...some, ...(values.length > 8 ? ['…'] : [])].join(', ')}`;
}

function rangeOf(
  action: string,
  path: string,
  column: ColumnCodec,
  range: Readonly<Record<string, unknown>>,
): IsWanted {
  checkOptions(action, range, ['min', 'max'], path);
  const ranks = column.values
    .map((value) => column.rank(value))
    .filter((rank) => rank !== undefined);
  if (column.range === undefined && ranks.length === 0) {
    throw new TypeError(
      `Cannot ${action}: ${path} must be a value or a list of values, as the column has no order, got a range`,
    );
  }
  const [low, high] = (['min', 'max'] as const).map((end) => {
    const given = range[end];
    const rank = given === undefined ? undefined : column.rank(given as TableValue);
    if (given === undefined || rank !== undefined) return rank;
    throw new TypeError(
      `Cannot ${action}: ${path}.${end} must be a number or a date, as the column holds, got ${formatValue(given)}`,
    );
  });
  if (low === undefined && high === undefined) {
    throw new TypeError(`Cannot ${action}: ${path} must have min or max, got {}`);
  }
  const [least, most] = [low ?? -Infinity, high ?? Infinity];
  const isIn = (rank: number): boolean => least <= rank && rank <= most;
  const [first, last] = column.range ?? [Infinity, -Infinity];
  if (!ranks.some(isIn) && !(Math.max(least, first) <= Math.min(most, last))) {
    throw new RangeError(
      `Cannot ${action}: ${path} must overlap the values that the data have, ${known(column)}, ` +
        `got ${formatValue(range['min'] ?? 'any')} to ${formatValue(range['max'] ?? 'any')}`,
    );
  }
  return (value) => {
    const rank = column.rank(value);
    return rank !== undefined && isIn(rank);
  };
}

/**
 * What tells values of a column apart: a date by its time, also if it comes as text of another
 * form.
 */
function keyOf(column: ColumnCodec, value: TableValue): unknown {
  const rank = column.kind === 'date' ? column.rank(value) : undefined;
  return rank ?? identity(value);
}
