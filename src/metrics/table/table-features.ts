import type { Rows } from '../numerics/rows.ts';
import type { AlignedColumn } from './aligned-tables.ts';

/** Most categories that are features of their own. */
const mostCategories = 20;

/**
 * Makes features of rows of any of the tables, scaled as the first table is.
 *
 * @internal
 */
export function featureMaker(
  columns: readonly AlignedColumn[],
): (table: number, rows: Uint32Array) => Rows {
  const parts = columns.map((column) => (column.isNumber ? numberPart(column) : codePart(column)));
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  return (table, rows) => {
    const values = new Float64Array(rows.length * width);
    rows.forEach((row, i) => {
      let at = i * width;
      for (const part of parts) {
        part.write(table, row, values, at);
        at += part.width;
      }
    });
    return { width, values, rows: rows.length };
  };
}

interface Part {
  readonly width: number;
  readonly write: (table: number, row: number, target: Float64Array, at: number) => void;
}

function numberPart({ values }: AlignedColumn): Part {
  const present = values[0]!.filter((value) => !Number.isNaN(value));
  const mean = present.reduce((sum, value) => sum + value, 0) / Math.max(present.length, 1);
  const squares = present.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(present.length, 1)) || 1;
  return {
    width: 2,
    write: (table, row, target, at) => {
      const value = values[table]![row]!;
      const isMissing = Number.isNaN(value);
      target[at] = isMissing ? 0 : (value - mean) / deviation;
      target[at + 1] = isMissing ? 1 : 0;
    },
  };
}

function codePart({ values }: AlignedColumn): Part {
  const counts = new Map<number, number>();
  for (const code of values[0]!) counts.set(code, (counts.get(code) ?? 0) + 1);
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).slice(0, mostCategories);
  const places = new Map(frequent.map(([code], place) => [code, place]));
  // The last feature is every other category.
  const width = frequent.length + 1;
  return {
    width,
    write: (table, row, target, at) => {
      target[at + (places.get(values[table]![row]!) ?? width - 1)] = 1;
    },
  };
}
