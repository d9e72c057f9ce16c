import type { TableRow } from '../../codecs/table/table-row.ts';
import type { TableGenerator, TableSampleOptions } from '../../models/table/table-generator.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * A variational autoencoder of rows: its decoder, which generates rows, and the trainer of both
 * networks.
 *
 * @example Train, sample, free
 * ```ts
 * const table = tableDataset(Array.from({ length: 100 }, (_, i) => ({ grade: i % 5, passed: i % 5 > 1 })));
 * const vae: TableVae = createTvae({ table, units: [16] });
 * await vae.trainer.fit(table, { steps: 2, batchSize: 50 });
 * console.log((await vae.sample(3, { seed: 1 })).length); // 3
 * vae.dispose();
 * ```
 */
export class TableVae {
  /** The decoder; it can be saved and loaded alone, with `TableGenerator.load`. */
  readonly generator: TableGenerator;
  /** The trainer: `vae.trainer.fit(table, { epochs: 300, batchSize: 500 })`. */
  readonly trainer: Trainer;
  readonly #freeEncoder: () => void;

  /**
   * @param parts - The networks and their trainer.
   *
   * @internal
   */
  constructor(parts: {
    readonly generator: TableGenerator;
    readonly trainer: Trainer;
    readonly freeEncoder: () => void;
  }) {
    this.generator = parts.generator;
    this.trainer = parts.trainer;
    this.#freeEncoder = parts.freeEncoder;
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
    this.#freeEncoder();
  }

  /** The same as {@link TableVae.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
