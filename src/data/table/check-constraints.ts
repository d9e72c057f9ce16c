import { readNumber } from '../../codecs/table/date-pattern.ts';
import {
  combination,
  namesOf,
  type Rank,
  rowCheck,
  TakenRows,
  type TableConstraint,
} from '../../codecs/table/table-constraint.ts';
import type { ColumnData, TableRow } from '../../codecs/table/table-row.ts';
import { isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { columnReader } from './read-column.ts';

/**
 * Checks the constraints of a table.
 *
 * @returns The constraints, fitted to the data.
 * @throws TypeError or RangeError if one is invalid, or is not true of every row.
 *
 * @internal
 */
export function checkConstraints(
  action: string,
  constraints: readonly TableConstraint[],
  data: readonly ColumnData[],
  { size, rowName }: { readonly size: number; readonly rowName: (row: number) => string },
): readonly TableConstraint[] {
  if (!Array.isArray(constraints)) {
    throw new TypeError(
      `Cannot ${action}: constraints must be a list, got ${formatValue(constraints)}`,
    );
  }
  const byName = new Map(data.map((column) => [column.name, column]));
  checkTotals(action, constraints as readonly TableConstraint[]);
  return (constraints as readonly TableConstraint[]).map((constraint, i) => {
    const path = `constraints[${i}]`;
    checkConstraint(action, path, constraint, byName);
    const names = namesOf(constraint);
    const readers = names.map((name) => [name, columnReader(byName.get(name)!)] as const);
    const rows = Array.from({ length: size }, (_, row): TableRow =>
      Object.fromEntries(readers.map(([name, read]) => [name, read(row)])),
    );
    const full =
      'together' in constraint
        ? { together: names, known: [...new Set(rows.map((row) => combination(names, row)))] }
        : constraint;
    const rank: Rank = (name, value) =>
      readNumber(value, byName.get(name)!.format ?? { type: 'number', unit: 0 });
    if ('range' in full) checkBounds(action, path, full, rank);
    const keeps = rowCheck(full, rank);
    const taken = new TakenRows([full]);
    const broken = rows.findIndex((row) => {
      if (!keeps(row) || taken.repeats(row)) return true;
      taken.take(row);
      return false;
    });
    if (broken < 0) return full;
    throw new RangeError(
      `Cannot ${action}: ${path} must be true of every row, got ${formatValue(names.map((name) => rows[broken]![name]))} ` +
        `for ${names.join(', ')} in ${rowName(broken)}`,
    );
  });
}

/** Totals are computed in their order, so each must come after those that it sums. */
function checkTotals(action: string, constraints: readonly TableConstraint[]): void {
  const summed = new Map<string, string>();
  const totals = new Set<string>();
  for (const [i, constraint] of constraints.entries()) {
    if (!isRecord(constraint) || !('total' in constraint)) continue;
    const { total, of } = constraint as { readonly total: string; readonly of: unknown };
    const path = `constraints[${i}]`;
    const parts = Array.isArray(of) ? (of as readonly string[]) : [];
    for (const part of parts) summed.set(part, path);
    if (totals.has(total)) {
      throw new RangeError(
        `Cannot ${action}: ${path}.total must be a column that is no total yet, got ${formatValue(total)} again`,
      );
    }
    totals.add(total);
    const user = summed.get(total);
    if (user === undefined) continue;
    throw new RangeError(
      `Cannot ${action}: ${path}.total must be computed before ${user} sums it, got ${formatValue(total)}. ` +
        'List the constraint of the inner total first',
    );
  }
}

function checkConstraint(
  action: string,
  path: string,
  constraint: TableConstraint,
  columns: ReadonlyMap<string, ColumnData>,
): void {
  const kinds = [
    ['total', 'of'],
    ['order'],
    ['together'],
    ['range', 'min', 'max'],
    ['range', 'min'],
    ['range', 'max'],
    ['unique'],
  ];
  const keys = isRecord(constraint) ? Object.keys(constraint) : [];
  if (
    !kinds.some((kind) => kind.length === keys.length && kind.every((key) => keys.includes(key)))
  ) {
    throw new TypeError(
      `Cannot ${action}: ${path} must be { total, of }, { order }, { together }, { range, min, max } or { unique }, ` +
        `got ${keys.length === 0 ? formatValue(constraint) : `{ ${keys.join(', ')} }`}`,
    );
  }
  const least = 'unique' in constraint ? 1 : 2;
  const { of, ...first } = constraint as Readonly<Record<string, unknown>>;
  const list = of ?? Object.values(first)[0];
  if (!('range' in constraint) && !(Array.isArray(list) && list.length >= least)) {
    throw new TypeError(
      `Cannot ${action}: ${path} must name at least ${least === 1 ? 'one column' : 'two columns'} in a list, got fewer`,
    );
  }
  const names = namesOf(constraint);
  for (const name of names) {
    const kind = columns.get(name)?.kind;
    if (kind === undefined) {
      throw new RangeError(
        `Cannot ${action}: ${path} must name columns of the table, got ${formatValue(name)}. ` +
          `There are ${[...columns.keys()].join(', ')}`,
      );
    }
    const dates = !('total' in constraint);
    const isAny = 'together' in constraint || 'unique' in constraint;
    if (isAny || isOrdered(columns.get(name)!, dates)) continue;
    throw new RangeError(
      `Cannot ${action}: ${path} must name columns of numbers${dates ? ' or dates' : ''}, ` +
        `got ${formatValue(name)}, which is of the kind '${kind}'`,
    );
  }
  if (new Set(names).size === names.length) return;
  throw new RangeError(
    `Cannot ${action}: ${path} must name each column once, got ${names.join(', ')}`,
  );
}

function checkBounds(
  action: string,
  path: string,
  bounds: Extract<TableConstraint, { readonly range: string }>,
  rank: Rank,
): void {
  for (const name of ['min', 'max'] as const) {
    const bound = bounds[name];
    if (bound === undefined || rank(bounds.range, bound) !== undefined) continue;
    throw new TypeError(
      `Cannot ${action}: ${path}.${name} must be a value as in column ${bounds.range}, got ${formatValue(bound)}`,
    );
  }
}

/** Whether the values of a column can be added, or, if dates are allowed, compared. */
function isOrdered({ kind, values }: ColumnData, dates: boolean): boolean {
  if ('numbers' in values) return kind !== 'date' || dates;
  return kind !== 'id' && values.levels.every((level) => typeof level === 'number');
}
