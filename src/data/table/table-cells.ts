import { isRecord } from '../../core/checks.ts';
import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';
import { isUint8Array } from '../../core/realms.ts';
import { copyOfText } from '../../core/text.ts';
import { CsvDecoder } from './csv-decoder.ts';
import { CsvParser, type CsvRecord } from './parse-csv.ts';
import { TextColumn } from './text-column.ts';

/** Bytes that are decoded at a time. */
const slice = 2 ** 18;

/** The raw cells of a table, column by column. @internal */
export interface TableCells {
  /** Reads the cells of a column, by its name. A large file fits into memory if each is deleted as soon as it was read. */
  readonly columns: Map<string, () => readonly unknown[]>;
  readonly size: number;
  /** Whether all cells are strings, as in CSV, in which numbers are detected. */
  readonly isText: boolean;
  /** Name of a row in messages, by its index. */
  readonly rowName: (row: number) => string;
}

/**
 * Splits rows or CSV into columns.
 *
 * @throws TypeError if it is neither, or has an encoding without bytes; RangeError if that is
 *   unknown; DataFormatError if CSV is invalid: rows of different lengths, duplicate column names.
 *
 * @internal
 */
export function readCells(
  action: string,
  source: unknown,
  encoding: string | undefined,
): TableCells {
  if (isUint8Array(source)) return cellsOfBytes(action, source, encoding);
  if (encoding !== undefined) {
    throw new TypeError(
      `Cannot ${action}: encoding must be used with bytes or a stream, got ${formatValue(encoding)} with ${formatValue(source)}`,
    );
  }
  if (typeof source === 'string') return cellsOfText(action, source);
  if (!Array.isArray(source)) {
    throw new TypeError(
      `Cannot ${action}: a table must be a list of rows, the text of a CSV file, its bytes or a stream of them, got ${formatValue(source)}`,
    );
  }
  return cellsOfRows(action, source as readonly unknown[]);
}

/**
 * Splits the bytes of a CSV file into columns as they arrive.
 *
 * @throws TypeError if a part is not bytes; DataFormatError as {@link readCells}.
 *
 * @internal
 */
export async function streamCells(
  action: string,
  parts: AsyncIterable<unknown>,
  encoding: string | undefined,
): Promise<TableCells> {
  const table = new CsvTable(action, encoding);
  for await (const part of parts) {
    if (!isUint8Array(part)) {
      throw new TypeError(
        `Cannot ${action}: a stream must give bytes, Uint8Array, got ${formatValue(part)}. Open it without an encoding`,
      );
    }
    table.addBytes(part);
  }
  return table.end();
}

function cellsOfBytes(action: string, bytes: Uint8Array, encoding: string | undefined): TableCells {
  const table = new CsvTable(action, encoding);
  for (let at = 0; at < bytes.length; at += slice) table.addBytes(bytes.subarray(at, at + slice));
  return table.end();
}

function cellsOfText(action: string, text: string): TableCells {
  const table = new CsvTable(action);
  table.addText(text);
  return table.end();
}

/** Columns of CSV that grow with each part of a file. */
class CsvTable {
  readonly #action: string;
  readonly #parser = new CsvParser();
  readonly #decoder: CsvDecoder;
  #columns: ReadonlyMap<string, TextColumn> | undefined;
  #size = 0;
  /** Row and line where rows no longer follow each other line by line. */
  readonly #lines: (readonly [row: number, line: number])[] = [];

  constructor(action: string, encoding?: string) {
    this.#action = action;
    this.#decoder = new CsvDecoder(action, encoding);
  }

  addBytes(bytes: Uint8Array): void {
    this.addText(this.#decoder.decode(bytes));
  }

  addText(text: string): void {
    this.#add(this.#parser.parse(text, false));
  }

  end(): TableCells {
    this.#add(this.#parser.parse(this.#decoder.decode(), true));
    const columns = this.#columns;
    if (columns === undefined) throw withoutRows(this.#action, 'no line');
    if (this.#size === 0) throw withoutRows(this.#action, 'a header alone');
    const lines = this.#lines;
    const rowName = (row: number): string => {
      const [known, line] = lines.findLast(([start]) => start <= row)!;
      return rowInFile(row, line + row - known);
    };
    const readers = [...columns].map(([name, column]) => [name, () => column.cells()] as const);
    return { columns: new Map(readers), size: this.#size, isText: true, rowName };
  }

  #add(records: Iterable<CsvRecord>): void {
    for (const { fields, line } of records) {
      if (this.#columns === undefined) {
        this.#columns = columnsOf(this.#action, fields);
        continue;
      }
      const { size } = this.#columns;
      if (fields.length !== size) {
        throw new DataFormatError(
          'CSV',
          `Cannot ${this.#action}: each row must have the ${size} fields of the header, got ${fields.length} in ` +
            rowInFile(this.#size, line),
        );
      }
      let i = 0;
      for (const column of this.#columns.values()) column.add(fields[i++]!);
      const [row, known] = this.#lines.at(-1) ?? [0, 0];
      if (line !== known + this.#size - row) this.#lines.push([this.#size, line]);
      this.#size += 1;
    }
  }
}

function columnsOf(action: string, header: readonly string[]): ReadonlyMap<string, TextColumn> {
  const names = header.map((name) => copyOfText(name.trim()));
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
  return new Map(names.map((name) => [name, new TextColumn()]));
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
