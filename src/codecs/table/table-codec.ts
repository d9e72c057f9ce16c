import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';
import { isRecord } from '../../core/checks.ts';
import { deriveSeed, Random } from '../../core/random.ts';
import { CategoryCodec } from './category-codec.ts';
import type { ColumnCodec, ColumnJson, EncodedColumn, IsWanted } from './column-codec.ts';
import { constantCodec, constantFromJson, IdCodec, totalCodec } from './fixed-codecs.ts';
import { NumberCodec } from './number-codec.ts';
import { rowCheck, type TableConstraint, withTotals } from './table-constraint.ts';
import type { ColumnData, TableRow, TableValue } from './table-row.ts';

/** What the JSON of a codec begins with. */
const format = 'tfjs-gan table';
/** Raised when files of before cannot be read any more. */
const version = 1;

/**
 * Where a column is in a row of numbers, and in the vector that requests one of its values.
 *
 * @internal
 */
export interface ColumnPlace {
  readonly codec: ColumnCodec;
  /** Place of its first choice; its number is right before it. */
  readonly first: number;
  /** Place of its first choice in conditions; −1 if rows cannot be requested by it. */
  readonly condition: number;
}

/** What a generated row is made of. @internal */
export interface DecodeOptions {
  readonly random: Random;
  /** By column, what is wanted of values that share a choice. */
  readonly wanted: Readonly<Record<string, IsWanted>>;
}

/**
 * Rows of a table as rows of numbers, and back.
 *
 * A row is one column after the other: its number in −1…1, if it has one, then a one among zeros
 * for its choice. What it learned of the data is saved as JSON.
 *
 * @internal
 */
export class TableCodec {
  /** All columns in their order. */
  readonly columns: readonly ColumnCodec[];
  /** Those that networks see. */
  readonly places: readonly ColumnPlace[];
  /** How many numbers a row has. */
  readonly width: number;
  /** How many numbers a condition has; 0 if there is none. */
  readonly conditionWidth: number;
  /** What is true of every row. */
  readonly constraints: readonly TableConstraint[];
  readonly #checks: readonly ((row: TableRow) => boolean)[];

  /**
   * @param columns - In the order of a row.
   * @param constraints - What generated rows keep.
   */
  constructor(columns: readonly ColumnCodec[], constraints: readonly TableConstraint[]) {
    this.columns = columns;
    this.constraints = constraints;
    const named = new Map(columns.map((codec) => [codec.name, codec]));
    this.#checks = constraints.map((one) =>
      rowCheck(one, (name, value) => named.get(name)!.rank(value)),
    );
    let width = 0;
    let conditionWidth = 0;
    this.places = columns
      .filter(({ choices }) => choices > 0)
      .map((codec) => {
        const first = width + (codec.hasNumber ? 1 : 0);
        width = first + codec.choices;
        const condition = codec.isCondition ? conditionWidth : -1;
        if (codec.isCondition) conditionWidth += codec.choices;
        return { codec, first, condition };
      });
    this.width = width;
    this.conditionWidth = conditionWidth;
  }

  /** How many columns have a number in a row. */
  get numberCount(): number {
    return this.places.filter(({ codec }) => codec.hasNumber).length;
  }

  /** Learns the values of columns. Those that follow from others are not seen by networks. */
  static fit(
    columns: readonly ColumnData[],
    constraints: readonly TableConstraint[] = [],
  ): TableCodec {
    const totals = constraints.flatMap((one) => ('total' in one ? [one.total] : []));
    return new TableCodec(
      columns.map((column) =>
        totals.includes(column.name) ? totalCodec(column.name) : codecOf(column),
      ),
      constraints,
    );
  }

  /**
   * @param json - What {@link TableCodec.toJSON} returned.
   * @param name - What messages call the file.
   * @throws DataFormatError if it is something else, or of a later version.
   */
  static fromJSON(json: unknown, name: string): TableCodec {
    const action = 'load a table generator';
    if (!isRecord(json) || json['format'] !== format || !Array.isArray(json['columns'])) {
      throw new DataFormatError(
        'table',
        `Cannot ${action}: ${name} must hold the columns of a table, got a generator without them. ` +
          'Save it by TableGenerator.save, or load it by Generator.load',
      );
    }
    if (json['version'] !== version) {
      throw new DataFormatError(
        'table',
        `Cannot ${action}: the columns in ${name} must be of version ${version}, got ${formatValue(json['version'])}. ` +
          'Load it with the version of this library that saved it',
      );
    }
    try {
      const columns = (json['columns'] as readonly ColumnJson[]).map(columnFromJson);
      return new TableCodec(columns, json['constraints'] as readonly TableConstraint[]);
    } catch (error) {
      throw new DataFormatError(
        'table',
        `Cannot ${action}: the columns in ${name} must be as they were saved, got the error: ${String(error)}. ` +
          'Copy or save the file again',
        { cause: error },
      );
    }
  }

  /** Plain data, fit for JSON. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { constraints, columns } = this;
    return { format, version, constraints, columns: columns.map((codec) => codec.toJSON()) };
  }

  /** A number that differs for tables that were learned differently. */
  get checksum(): number {
    return deriveSeed(0, JSON.stringify(this));
  }

  /** All rows, column by column, of those that networks see. */
  encode(columns: readonly ColumnData[]): readonly EncodedColumn[] {
    const data = new Map(columns.map((column) => [column.name, column]));
    return this.places.map(({ codec }) =>
      codec.encode(data.get(codec.name)!.values, new Random(deriveSeed(0, 'modes', codec.name))),
    );
  }

  /** Writes a row into an array of zeros. */
  writeRow(
    encoded: readonly EncodedColumn[],
    row: number,
    target: Float32Array,
    start: number,
  ): void {
    for (const [i, { codec, first }] of this.places.entries()) {
      const { numbers, choices } = encoded[i]!;
      if (codec.hasNumber) target[start + first - 1] = numbers![row]!;
      target[start + first + choices[row]!] = 1;
    }
  }

  /**
   * A row of a table from a row of numbers, which has a one among the choices of each column, or
   * the greatest number.
   */
  decode(values: Float32Array | Float64Array, { random, wanted }: DecodeOptions): TableRow {
    const ofPlace = new Map(
      this.places.map(({ codec, first }) => {
        const choice = greatest(values, first, codec.choices);
        const number = codec.hasNumber ? values[first - 1]! : 0;
        return [codec, codec.decode(number, choice, random, wanted[codec.name])] as const;
      }),
    );
    const row: Record<string, TableValue> = {};
    for (const codec of this.columns) {
      const isSeen = ofPlace.has(codec);
      define(row, codec.name, isSeen ? ofPlace.get(codec)! : codec.decode(0, 0, random));
    }
    return withTotals(this.constraints, row);
  }

  /** Whether all constraints hold, but for those that compare rows. */
  holds(row: TableRow): boolean {
    return this.#checks.every((check) => check(row));
  }

  /** Rows with new ids, unique among these rows. */
  withIds(rows: readonly TableRow[]): TableRow[] {
    const ids = this.columns.filter((codec): codec is IdCodec => codec instanceof IdCodec);
    if (ids.length === 0) return [...rows];
    return rows.map((row, i) => {
      const copy: Record<string, TableValue> = { ...row };
      for (const codec of ids) define(copy, codec.name, codec.idOf(i));
      return copy;
    });
  }
}

/** Sets a property, also one that is called `__proto__`. */
function define(row: Record<string, TableValue>, name: string, value: TableValue): void {
  Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true });
}

function greatest(values: Float32Array | Float64Array, first: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i += 1) if (values[first + i]! > values[first + best]!) best = i;
  return best;
}

function codecOf(column: ColumnData): ColumnCodec {
  const { kind, name, values } = column;
  switch (kind) {
    case 'category':
    case 'boolean':
      return CategoryCodec.fit(column);
    case 'integer':
    case 'real':
    case 'date':
      return NumberCodec.fit(column, new Random(deriveSeed(0, 'rows', name)));
    case 'id':
      return IdCodec.fit(column);
    case 'constant':
      return constantCodec(name, 'levels' in values ? (values.levels[0] ?? null) : null);
  }
  kind satisfies never;
}

function columnFromJson(json: ColumnJson): ColumnCodec {
  switch (json.type) {
    case 'category':
      return CategoryCodec.fromJSON(json);
    case 'number':
      return NumberCodec.fromJSON(json);
    case 'constant':
      return constantFromJson(json);
    case 'total':
      return totalCodec(json.name);
    case 'id':
      return IdCodec.fromJSON(json);
  }
  throw new TypeError(
    `a column must be of a known type, got ${formatValue(json.type satisfies never)}`,
  );
}
