import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { DataFormatError } from '../../core/errors.ts';
import { deriveSeed, Random } from '../../core/random.ts';
import { registerLayer } from '../../layers/registration.ts';
import { gumbel } from '../../codecs/table/gumbel.ts';
import { type ColumnPlace, TableCodec } from '../../codecs/table/table-codec.ts';
import type { ColumnKind, TableRow } from '../../codecs/table/table-row.ts';
import { Generator } from '../generator.ts';
import type { GenerateOptions } from '../generator-options.ts';
import { LearnedDeviations } from './learned-deviations.ts';
import { RowTally } from './row-tally.ts';
import { type ColumnRequest, type WantedColumns, wantedColumns } from './table-where.ts';

/** How many rows are drawn for each one that is wanted, if nothing else is said. */
const drawsPerRow = 100;

/**
 * Settings of {@link TableGenerator.sample}.
 *
 * @example Heavy penguins of one species, the same ones each time
 * ```ts
 * const options: TableSampleOptions = { where: { species: 'Adelie', mass: { min: 4000 } }, seed: 7 };
 * ```
 */
export interface TableSampleOptions extends GenerateOptions {
  /**
   * What is requested of columns, by name. One of them is given to the network as its condition,
   * the rarest one that can be; rows that do not fit are drawn again.
   *
   * @defaultValue `{}`: rows as they come
   */
  readonly where?: Readonly<Record<string, ColumnRequest>> | undefined;
  /**
   * Decides the rows: the same seed gives the same rows, bit-for-bit on the same backend.
   *
   * @defaultValue none: each call continues from the last one, the same way in every run of the
   *   program
   */
  readonly seed?: number | undefined;
  /**
   * Most rows to draw until there are as many as requested.
   *
   * @defaultValue 100 for each requested row, and 10,000
   */
  readonly maxDraws?: number | undefined;
}

/**
 * Rows, and how they came about.
 *
 * @example How well the network follows a request
 * ```ts
 * const rows = Array.from({ length: 100 }, (_, i) => ({ species: 'ab'[i % 2]!, mass: i }));
 * const gan = createCtgan({ table: tableDataset(rows), generatorUnits: [16], discriminatorUnits: [16] });
 * const sample: TableSample = await gan.generator.draw(10, { where: { species: 'b' }, seed: 1 });
 * console.log(sample.rows.length, sample.drawn >= 10, Object.keys(sample.shares)); // 10 true [ 'species' ]
 * ```
 */
export interface TableSample {
  /** As many rows as were requested, each of which fits. */
  readonly rows: TableRow[];
  /** Number of rows that were drawn for them. */
  readonly drawn: number;
  /**
   * Share of all drawn rows, before any was rejected, that fit the request for a column, by its
   * name.
   */
  readonly shares: Readonly<Record<string, number>>;
  /** Share of all drawn rows, before any was rejected, that keep the constraints of the table. */
  readonly constraintShare: number;
}

/**
 * A generator of the rows of a table: a network, and what was learned of the columns.
 *
 * Rows have the types that the data had: numbers, booleans, dates, text; a missing value is `null`.
 * Sampling uses batch norm's moving statistics, and requests values as often as the data have them,
 * not in proportion to logarithms as in training.
 *
 * @example Rows of a saved generator
 * ```ts no-run
 * const generator = await TableGenerator.load('https://example.org/penguins/model.json');
 * const rows = await generator.sample(1000, { where: { species: 'Adelie' }, seed: 1 });
 * generator.dispose();
 * ```
 */
export class TableGenerator {
  /**
   * The network. Its samples are what tanh and softmax are applied to, `[batch, width]`; it is what
   * checkpoints and `saveGenerator` keep, with the columns.
   */
  readonly generator: Generator;
  readonly #codec: TableCodec;
  readonly #random = new Random(0);

  /**
   * @param generator - The network.
   * @param codec - The columns that its outputs stand for.
   *
   * @internal
   */
  constructor(generator: Generator, codec: TableCodec) {
    this.generator = generator;
    this.#codec = codec;
  }

  /**
   * Loads a generator that {@link TableGenerator.save} wrote, or `saveGenerator` during training.
   *
   * @param source - Where from, as for `Generator.load`.
   * @returns The generator; it owns its model.
   * @throws DataFormatError if it is damaged, or no generator of a table.
   */
  static async load(source: string | URL | tf.io.IOHandler): Promise<TableGenerator> {
    registerLayer(LearnedDeviations);
    return TableGenerator.#of(await Generator.load(source), source);
  }

  /**
   * Loads a generator of any kind: one of a table if its file has columns.
   *
   * @internal
   */
  static async loadAny(
    source: string | URL | tf.io.IOHandler,
  ): Promise<Generator | TableGenerator> {
    registerLayer(LearnedDeviations);
    const generator = await Generator.load(source);
    return metadataOf(generator)?.table === undefined
      ? generator
      : TableGenerator.#of(generator, source);
  }

  /** Takes over a loaded network; disposes it if it does not fit. */
  static #of(generator: Generator, source: unknown): TableGenerator {
    try {
      const name = typeof source === 'string' ? `'${source}'` : 'the file';
      const codec = TableCodec.fromJSON(metadataOf(generator)?.table, name);
      const width = generator.outputShape.at(-1);
      // A decoder also returns the deviation of each number.
      const isDecoder = !('condition' in generator.inputs);
      if (width === codec.width || (isDecoder && width === codec.width + codec.numberCount)) {
        return new TableGenerator(generator, codec);
      }
      throw new DataFormatError(
        'table',
        `Cannot load a table generator: the columns in ${name} must be those of its network, got columns of ` +
          `${codec.width} numbers and an output of ${String(width)}. Save it again`,
      );
    } catch (error) {
      generator.dispose();
      throw error;
    }
  }

  /** The columns of a row, in their order. */
  get columns(): readonly {
    /** Its name in the rows. */
    readonly name: string;
    /** What it holds. */
    readonly kind: ColumnKind;
  }[] {
    return this.#codec.columns.map(({ name, kind }) => ({ name, kind }));
  }

  /**
   * Generates rows.
   *
   * @param count - How many; a positive integer.
   * @param options - What is requested of columns, and the seed.
   * @returns The rows.
   * @throws RangeError if a column or a value is unknown, or too few of the drawn rows fit.
   *
   * @example Rows of a network that has learned nothing yet
   * ```ts
   * const rows = Array.from({ length: 100 }, (_, i) => ({ species: 'ab'[i % 2]!, mass: i }));
   * const gan = createCtgan({ table: tableDataset(rows), generatorUnits: [16], discriminatorUnits: [16] });
   * const made = await gan.generator.sample(5, { where: { species: 'a' }, seed: 1 });
   * console.log(made.map(({ species }) => species).join('')); // aaaaa
   * ```
   */
  async sample(count: number, options: TableSampleOptions = {}): Promise<TableRow[]> {
    return (await this.draw(count, options)).rows;
  }

  /**
   * Generates rows and says how well the network followed the request by itself.
   *
   * @param count - How many; a positive integer.
   * @param options - What is requested of columns, and the seed.
   * @returns The rows, and shares of what was drawn for them.
   * @throws RangeError if a column or a value is unknown, or too few of the drawn rows fit.
   */
  async draw(count: number, options: TableSampleOptions = {}): Promise<TableSample> {
    const action = 'sample the table';
    this.generator.checkAlive(action, 'this TableGenerator');
    checkPositiveInteger(action, 'count', count);
    const defaults = { where: {}, seed: undefined, maxDraws: undefined, averaged: true };
    const { where, seed, maxDraws, averaged } = withDefaults(action, options, defaults);
    const limit = maxDraws ?? Math.max(10_000, drawsPerRow * count);
    checkPositiveInteger(action, 'maxDraws', limit);
    if (seed !== undefined) checkSeed(action, seed);
    checkOneOf(action, 'averaged', averaged, [true, false]);
    const wanted = wantedColumns(action, this.#codec, where);
    const own = seed ?? this.#random.integer(2 ** 32);
    const tally = new RowTally(this.#codec, wanted);
    const isConditional = 'condition' in this.generator.inputs;
    const conditions = isConditional ? conditionWeights(this.#codec, wanted) : undefined;
    for (let part = 0; tally.rows.length < count; part += 1) {
      const size = Math.min(tally.nextSize(count), limit - tally.drawn);
      if (size <= 0) throw tally.tooFew(action, count);
      const random = new Random(deriveSeed(own, 'rows', part));
      const values = await this.#outputs(size, conditions, random, averaged);
      tally.add(this.#rows(values, random, wanted), count);
    }
    const { drawn, shares, constraintShare } = tally;
    return { rows: this.#codec.withIds(tally.rows), drawn, shares, constraintShare };
  }

  /**
   * Saves the network and the columns, without training state.
   *
   * The columns hold values of the data: names of categories, the least and greatest numbers.
   *
   * @param target - Where to, as for `Generator.save`.
   * @param options - Which weights.
   * @returns What the handler returns.
   */
  async save(
    target: string | URL | tf.io.IOHandler,
    options: GenerateOptions = {},
  ): Promise<tf.io.SaveResult> {
    return this.generator.save(target, options);
  }

  /** Frees the network. */
  dispose(): void {
    this.generator.dispose();
  }

  /** The same as {@link TableGenerator.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** What the network makes of fresh latents and drawn conditions, row by row. */
  async #outputs(
    size: number,
    conditions: ConditionWeights | undefined,
    random: Random,
    averaged: boolean,
  ): Promise<Float32Array> {
    const { latentSize } = this.generator;
    const noise = random.normalArray(size * latentSize);
    const output = tf.tidy(() => {
      const latents = tf.tensor2d(noise, [size, latentSize]);
      if (conditions === undefined) return this.generator.generate({ latents }, { averaged });
      const { conditionWidth } = this.#codec;
      const rows = drawConditions(conditions, { size, conditionWidth }, random);
      const condition = tf.tensor2d(rows, [size, conditionWidth]);
      return this.generator.generate({ latents, condition }, { averaged });
    });
    try {
      return Float32Array.from(await output.data());
    } finally {
      output.dispose();
    }
  }

  #rows(values: Float32Array, random: Random, wanted: WantedColumns): TableRow[] {
    const { places, width: end } = this.#codec;
    const width = this.generator.outputShape.at(-1)!;
    const count = values.length / width;
    return Array.from({ length: count }, (_, row) => {
      const own = values.subarray(row * width, (row + 1) * width);
      let deviation = end;
      for (const { codec, first } of places) {
        if (codec.hasNumber) {
          own[first - 1] = Math.tanh(own[first - 1]!);
          // Behind a row of TVAE are the standard deviations of its numbers.
          if (width > end) own[first - 1]! += own[deviation++]! * random.normalArray(1)[0]!;
        }
        // The greatest of logits with such noise is a sample of their softmax.
        for (let i = 0; i < codec.choices; i += 1) own[first + i]! += gumbel(random);
      }
      return this.#codec.decode(own, { random, wanted });
    });
  }
}

/** Columns that a condition is drawn from: the place of each, and the weights of its choices. */
type ConditionWeights = readonly {
  readonly place: ColumnPlace;
  readonly weights: readonly number[];
}[];

/**
 * How conditions are drawn: of the rarest requested column that can be one, else of every column,
 * its values as often as the data have them.
 */
function conditionWeights(codec: TableCodec, wanted: WantedColumns): ConditionWeights | undefined {
  const places = codec.places.filter(({ condition }) => condition >= 0);
  if (places.length === 0) return undefined;
  const requested = places
    .filter((place) => wanted[place.codec.name] !== undefined)
    .map((place) => {
      const weights = place.codec.wanted(wanted[place.codec.name]!);
      const share = sum(weights) / sum(place.codec.counts);
      return { place, weights, share };
    })
    // A narrow range may fall between what a mixture is looked at: then the column is left to
    // chance.
    .filter(({ share }) => share > 0)
    .sort((a, b) => a.share - b.share);
  const [rarest] = requested;
  if (rarest !== undefined) return [rarest];
  return places.map((place) => ({ place, weights: place.codec.counts }));
}

function metadataOf({ model }: Generator): { readonly table?: unknown } | undefined {
  return model.getUserDefinedMetadata();
}

function drawConditions(
  conditions: ConditionWeights,
  { size, conditionWidth: width }: { readonly size: number; readonly conditionWidth: number },
  random: Random,
): Float32Array {
  const rows = new Float32Array(size * width);
  for (let row = 0; row < size; row += 1) {
    const { place, weights } = conditions[random.integer(conditions.length)]!;
    let at = random.uniform() * sum(weights);
    const drawn = weights.findIndex((weight) => weight > 0 && (at -= weight) < 0);
    const choice = drawn < 0 ? weights.findLastIndex((weight) => weight > 0) : drawn;
    rows[row * width + place.condition + choice] = 1;
  }
  return rows;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
