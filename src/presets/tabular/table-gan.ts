import type { TableRow } from '../../codecs/table/table-row.ts';
import type { Discriminator } from '../../models/discriminator.ts';
import type { TableGenerator, TableSampleOptions } from '../../models/table/table-generator.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * A generator of rows, its discriminator and their trainer.
 *
 * @example Train, sample, free
 * ```ts
 * const table = tableDataset(Array.from({ length: 100 }, (_, i) => ({ grade: i % 5, passed: i % 5 > 1 })));
 * const gan: TableGan = createCtgan({ table, generatorUnits: [16], discriminatorUnits: [16] });
 * await gan.trainer.fit(table, { steps: 2, batchSize: 50 });
 * console.log((await gan.sample(3, { seed: 1 })).length); // 3
 * gan.dispose();
 * ```
 */
export class TableGan {
  /** The generator of rows; it can be saved and loaded alone. */
  readonly generator: TableGenerator;
  /** The discriminator of packs of rows. */
  readonly discriminator: Discriminator<string, string>;
  /** The trainer of both: `gan.trainer.fit(table, { epochs: 300, batchSize: 500 })`. */
  readonly trainer: Trainer;

  /**
   * @param parts - The networks and their trainer.
   *
   * @internal
   */
  constructor(parts: {
    readonly generator: TableGenerator;
    readonly discriminator: Discriminator<string, string>;
    readonly trainer: Trainer;
  }) {
    this.generator = parts.generator;
    this.discriminator = parts.discriminator;
    this.trainer = parts.trainer;
  }

  /**
   * Generates rows, as {@link TableGenerator.sample}.
   *
   * @param count - Number of rows; a positive integer.
   * @param options - Requested values of columns, and the seed.
   * @returns The rows.
   * @throws RangeError if a column or a value is unknown, or too few of the drawn rows match.
   */
  sample(count: number, options: TableSampleOptions = {}): Promise<TableRow[]> {
    return this.generator.sample(count, options);
  }

  /** Frees the memory of the trainer and the networks. */
  dispose(): void {
    this.trainer.dispose();
    this.generator.dispose();
    this.discriminator.dispose();
  }

  /** The same as {@link TableGan.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
