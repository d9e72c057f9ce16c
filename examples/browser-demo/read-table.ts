import { tableDataset, type TableDataset, type TableRow } from 'tfjs-gan/tabular';
import { countsOf } from './table-comparison.ts';
import {
  type Choices,
  type FoundColumn,
  type FoundTable,
  type Kind,
  SHOWN_ROWS,
} from './table-types.ts';

/** Rows of a table that values are looked for in, and that the page shows shares of. */
const SEEN_ROWS = 20_000;
/** Values of a column that can be requested. */
const MOST_CHOICES = 100;

/** A table, and what the page shows of it. */
export interface OpenTable {
  readonly table: TableDataset;
  readonly rows: readonly TableRow[];
  readonly found: FoundTable;
}

/**
 * Reads a CSV file. Columns of free text, which nothing can be learned of, are ignored and say so;
 * every other error is thrown.
 */
export async function readTable(
  file: File,
  kinds: Readonly<Record<string, Kind>>,
): Promise<OpenTable> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const notes = new Map<string, string>();
  let table: TableDataset | undefined;
  while (table === undefined) {
    const ignored = Object.fromEntries([...notes.keys()].map((name) => [name, 'ignore'] as const));
    try {
      table = tableDataset(bytes, { name: file.name, columns: { ...ignored, ...kinds } });
    } catch (error) {
      const name = freeTextOf(error);
      if (name === undefined || Object.hasOwn(kinds, name) || notes.has(name)) throw error;
      notes.set(name, (error as Error).message);
    }
  }
  const rows = table.rows(0, SEEN_ROWS);
  const ignored = [
    ...[...notes].map(([name, note]): FoundColumn => ({ name, kind: 'ignore', note })),
    ...Object.keys(kinds)
      .filter((name) => kinds[name] === 'ignore')
      .map((name): FoundColumn => ({ name, kind: 'ignore' })),
  ];
  const found = {
    size: table.size,
    columns: [...table.columns, ...ignored],
    rows: rows.slice(0, SHOWN_ROWS),
    choices: choicesOf(table, rows),
  };
  return { table, rows, found };
}

/** The column of free text that an error is about. */
function freeTextOf(error: unknown): string | undefined {
  if (!(error instanceof RangeError)) return undefined;
  return /the column '(.+)' must hold values that come again/.exec(error.message)?.[1];
}

function choicesOf({ columns }: TableDataset, rows: readonly TableRow[]): Choices {
  const named = columns
    .filter(({ kind }) => kind === 'category' || kind === 'boolean')
    .map(({ name }) => {
      const counts = countsOf(rows.map((row) => row[name] ?? null));
      const values = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!);
      return [name, values.slice(0, MOST_CHOICES)] as const;
    });
  return Object.fromEntries(named);
}
