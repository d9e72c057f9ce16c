import * as tf from '@tensorflow/tfjs';
import { deriveSeed, Random } from '../../core/random.ts';
import type { EncodedColumn } from '../../codecs/table/column-codec.ts';
import { TableCodec } from '../../codecs/table/table-codec.ts';
import type { TableConstraint } from '../../codecs/table/table-constraint.ts';
import type { ColumnData, TableColumn, TableRow } from '../../codecs/table/table-row.ts';
import type { Batch, BatchesOptions, Dataset } from '../dataset.ts';
import { batchIndices, checkBatches } from '../in-memory.ts';
import { ChoiceIndex } from './choice-index.ts';
import { columnReader } from './read-column.ts';

/**
 * A table as a dataset: rows are encoded by mode-specific normalization, each with a condition that
 * requests one of its values.
 *
 * @example Look at what was found
 * ```ts
 * const table: TableDataset = tableDataset([{ a: 1.5, b: 'x' }, { a: 2.5, b: 'y' }, { a: 0.5, b: 'x' }]);
 * console.log(table.size, table.columns.map(({ name, kind }) => `${name}: ${kind}`)); // 3 [ 'a: real', 'b: category' ]
 * ```
 */
export class TableDataset implements Dataset {
  /** Name of the table. */
  readonly name: string;
  /** Number of rows. */
  readonly size: number;
  readonly #data: readonly ColumnData[];
  readonly #constraints: readonly TableConstraint[];
  #codec: TableCodec | undefined;
  #encoded: readonly EncodedColumn[] | undefined;
  #byChoice: readonly ChoiceIndex[] | undefined;

  /**
   * @param parts - Its columns as detected by `tableDataset`.
   *
   * @internal
   */
  constructor(parts: {
    readonly name: string;
    readonly size: number;
    readonly data: readonly ColumnData[];
    readonly constraints: readonly TableConstraint[];
  }) {
    this.name = parts.name;
    this.size = parts.size;
    this.#data = parts.data;
    this.#constraints = parts.constraints;
  }

  /** Description of each column. */
  get columns(): readonly TableColumn[] {
    return this.#data.map(({ name, kind, missing, distinct }) => ({
      name,
      kind,
      missing,
      distinct,
    }));
  }

  /** Shape of an encoded row. */
  get sampleShape(): readonly number[] {
    return [this.codec.width];
  }

  /** Shapes of the other tensors of a batch. */
  get tensors(): Readonly<Record<string, readonly number[]>> {
    const { conditionWidth } = this.codec;
    return conditionWidth === 0 ? {} : { condition: [conditionWidth] };
  }

  /** The encoding of rows and its inverse; fitted at first use. @internal */
  get codec(): TableCodec {
    this.#codec ??= learn(this.name, this.#data, this.#constraints);
    return this.#codec;
  }

  /** The columns as read. @internal */
  get data(): readonly ColumnData[] {
    return this.#data;
  }

  /**
   * The rows, with text parsed to numbers, booleans and dates, without ignored columns.
   *
   * @param start - Index of the first row.
   * @param end - Index after the last row; the end of the table if omitted.
   * @returns Rows that `tableDataset` can read.
   */
  rows(start = 0, end: number = this.size): TableRow[] {
    const all = Array.from({ length: this.size }, (_, row) => row).slice(start, end);
    const readers = this.#data.map((column) => [column.name, columnReader(column)] as const);
    return all.map((row) => Object.fromEntries(readers.map(([name, read]) => [name, read(row)])));
  }

  /**
   * One pass through the table.
   *
   * With a seed, each row of a batch is drawn for a condition: a uniformly drawn column with
   * categories or frequent values; one of its values, in proportion to the logarithm of its
   * frequency; and a row with that value. So a pass may repeat rows, above all those with rare
   * values. Without a seed, rows are in stored order. A table without such columns has no
   * conditions, and is shuffled; so is every table if `tensors` does not name `condition`.
   *
   * @param options - Batch size, order and start.
   * @returns Batches of `samples` and `condition`; the caller disposes them.
   */
  batches(options: BatchesOptions): AsyncIterable<Batch> {
    checkBatches(this.name, this.size, options);
    return this.#pass(options);
  }

  async *#pass(options: BatchesOptions): AsyncGenerator<Batch> {
    const { batchSize, seed, firstBatch = 0, tensors } = options;
    const isConditional = this.codec.conditionWidth > 0 && tensors?.includes('condition') !== false;
    if (isConditional && seed !== undefined) {
      for (let batch = firstBatch; (batch + 1) * batchSize <= this.size; batch += 1) {
        yield this.#drawn(batchSize, new Random(deriveSeed(seed, 'rows', batch)));
      }
      return;
    }
    for (const rows of batchIndices(this.size, options)) {
      yield this.#batch(rows, isConditional ? (i) => rows[i]! : undefined);
    }
  }

  /** Samples rows that match drawn conditions. */
  #drawn(batchSize: number, random: Random): Batch {
    const index = this.#choiceIndex();
    const conditions: number[] = [];
    const rows = Array.from({ length: batchSize }, () => {
      const column = random.integer(index.length);
      conditions.push(column);
      return index[column]!.draw(random);
    });
    return this.#batch(rows, (i) => conditions[i]!);
  }

  #batch(rows: ArrayLike<number>, conditionOf?: (i: number) => number): Batch {
    const { codec } = this;
    const encoded = this.#encode();
    const samples = new Float32Array(rows.length * codec.width);
    for (let i = 0; i < rows.length; i += 1) {
      codec.writeRow(encoded, rows[i]!, samples, i * codec.width);
    }
    const batch = { samples: tf.tensor(samples, [rows.length, codec.width], 'float32') };
    if (conditionOf === undefined) return batch;
    const requested = codec.places.flatMap((place, i) =>
      place.condition < 0 ? [] : [{ place, i }],
    );
    const condition = new Float32Array(rows.length * codec.conditionWidth);
    for (let i = 0; i < rows.length; i += 1) {
      const { place, i: column } = requested[conditionOf(i) % requested.length]!;
      const choice = encoded[column]!.choices[rows[i]!]!;
      condition[i * codec.conditionWidth + place.condition + choice] = 1;
    }
    const shape: [number, number] = [rows.length, codec.conditionWidth];
    return { ...batch, condition: tf.tensor(condition, shape, 'float32') };
  }

  #encode(): readonly EncodedColumn[] {
    this.#encoded ??= this.codec.encode(this.#data);
    return this.#encoded;
  }

  #choiceIndex(): readonly ChoiceIndex[] {
    const encoded = this.#encode();
    this.#byChoice ??= this.codec.places.flatMap(({ codec, condition }, i) =>
      condition < 0 ? [] : [new ChoiceIndex(encoded[i]!.choices, codec.choices)],
    );
    return this.#byChoice;
  }
}

/** Fits the encoding of the columns to learn. */
function learn(
  name: string,
  data: readonly ColumnData[],
  constraints: readonly TableConstraint[],
): TableCodec {
  const codec = TableCodec.fit(data, constraints);
  if (codec.width > 0) return codec;
  throw new RangeError(
    `Cannot learn the table '${name}': it must have a column with at least two values that come again, got ` +
      data.map((column) => `${column.name} (${column.kind})`).join(', '),
  );
}
