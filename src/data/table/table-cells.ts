import { isRecord } from '../../core/checks.ts';
import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';
import { isUint8Array } from '../../core/realms.ts';
import { copyOfText, decodeText } from '../../core/text.ts';
import { csvField, type CsvRecord, parseCsv } from './parse-csv.ts';

/** Rows whose places are kept in one array. */
const blockRows = 4096;

/** The raw cells of a table, column by column. @internal */
export interface TableCells {
  /** Reads the cells of a column, by its name: together, those of a large file would not fit into memory. */
  readonly columns: ReadonlyMap<string, () => readonly unknown[]>;
  readonly size: number;
  /** Whether all cells are strings, as in CSV, in which numbers are detected. */
  readonly isText: boolean;
  /** Name of a row in messages, by its index. */
  readonly rowName: (row: number) => string;
}

/**
 * Splits rows or CSV into columns.
 *
 * @throws TypeError if it is neither; DataFormatError if CSV is invalid: rows of different lengths,
 *   duplicate column names.
 *
 * @internal
 */
export function readCells(action: string, source: unknown): TableCells {
  if (typeof source === 'string') return cellsOfCsv(action, source);
  if (isUint8Array(source)) return cellsOfCsv(action, textOf(action, source));
  if (!Array.isArray(source)) {
    throw new TypeError(
      `Cannot ${action}: a table must be a list of rows, the text of a CSV file or its bytes, got ${formatValue(source)}`,
    );
  }
  return cellsOfRows(action, source as readonly unknown[]);
}

function textOf(action: string, bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  try {
    if (!isWide) return decodeText(bytes, { strict: true });
  } catch {
    // Rejected below.
  }
  throw new DataFormatError(
    'CSV',
    `Cannot ${action}: a CSV file must be text in UTF-8, got bytes that are ${isWide ? 'UTF-16' : 'none'}. ` +
      "Decode them: tableDataset(new TextDecoder('windows-1252').decode(bytes))",
  );
}

function cellsOfCsv(action: string, text: string): TableCells {
  const records = parseCsv(text);
  const header = records.next().value as CsvRecord | undefined;
  if (header === undefined) throw withoutRows(action, 'no line');
  const names = header.fields.map((name) => copyOfText(name.trim()));
  names.forEach((name, i) => {
    if (name === '') {
      throw new DataFormatError(
        'CSV',
        `Cannot ${action}: each column must have a name, got none for column ${i + 1}`,
      );
    }
    if (names.indexOf(name) === i) return;
    throw new DataFormatError(
      'CSV',
      `Cannot ${action}: columns must have different names, got ${formatValue(name)} for columns ` +
        `${names.indexOf(name) + 1} and ${i + 1}`,
    );
  });
  const width = names.length + 1;
  const blocks: Uint32Array[] = [];
  let size = 0;
  for (const { places, line } of records) {
    if (places.length !== width) {
      throw new DataFormatError(
        'CSV',
        `Cannot ${action}: each row must have the ${names.length} fields of the header, got ${places.length - 1} in ` +
          rowInFile(size, line),
      );
    }
    if (size % blockRows === 0) blocks.push(new Uint32Array(blockRows * width));
    blocks.at(-1).set(places, (size % blockRows) * width);
    size += 1;
  }
  if (size === 0) throw withoutRows(action, 'a header alone');
  const cell = (row: number, column: number): string => {
    const block = blocks[Math.floor(row / blockRows)]!;
    const at = (row % blockRows) * width + column;
    return csvField(text, block[at]!, block[at + 1]!);
  };
  const columns = names.map(
    (name, i) => [name, () => Array.from({ length: size }, (_, row) => cell(row, i))] as const,
  );
  const rowName = (row: number): string => {
    // Only errors ask for a line, so lines are counted again. The header is one before row 0.
    const again = parseCsv(text);
    for (let left = row + 1; left > 0; left -= 1) again.next();
    return rowInFile(row, (again.next().value as CsvRecord).line);
  };
  return { columns: new Map(columns), size, isText: true, rowName };
}

function rowInFile(row: number, line: number): string {
  return `row ${row + 1} (line ${line})`;
}

function withoutRows(action: string, got: string): DataFormatError {
  return new DataFormatError(
    'CSV',
    `Cannot ${action}: CSV must have a header and at least one row, got ${got}`,
  );
}

function cellsOfRows(action: string, rows: readonly unknown[]): TableCells {
  if (rows.length === 0) {
    throw new RangeError(`Cannot ${action}: a table must have at least one row, got none`);
  }
  const columns = new Map<string, unknown[]>();
  rows.forEach((row, i) => {
    if (!isRecord(row)) {
      throw new TypeError(
        `Cannot ${action}: each row must be an object such as { species: 'Adelie', mass: 3750 }, ` +
          `got ${formatValue(row)} in row ${i + 1}`,
      );
    }
    for (const [name, value] of Object.entries(row)) {
      let cells = columns.get(name);
      if (cells === undefined) {
        cells = new Array<unknown>(rows.length).fill(null);
        columns.set(name, cells);
      }
      cells[i] = value;
    }
  });
  if (columns.size === 0) {
    throw new RangeError(`Cannot ${action}: rows must have at least one column, got none`);
  }
  const readers = [...columns].map(([name, cells]) => [name, () => cells] as const);
  return {
    columns: new Map(readers),
    size: rows.length,
    isText: false,
    rowName: (row) => `row ${row + 1}`,
  };
}
