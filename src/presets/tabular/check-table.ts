import { checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { TableDataset } from '../../data/table/table-dataset.ts';

/** Refuses what is no table. @internal */
export function checkTable(action: string, table: unknown): asserts table is TableDataset {
  if (table instanceof TableDataset) return;
  throw new TypeError(
    `Cannot ${action}: table must be a TableDataset, got ${formatValue(table)}. Make one: tableDataset(rows)`,
  );
}

/** Refuses widths of layers that are none. @internal */
export function checkUnits(action: string, name: string, units: readonly number[]): void {
  if (!Array.isArray(units) || units.length === 0) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a list of positive integers, got ${formatValue(units)}`,
    );
  }
  for (const size of units) checkPositiveInteger(action, `each number of ${name}`, size as number);
}
