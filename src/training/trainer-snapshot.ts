import type { NamedArrays } from '../core/named-arrays.ts';
import type { RandomState } from '../core/random.ts';
import type { TrainerConfiguration } from './configuration.ts';
import type { HistoryData } from './history.ts';

/** Where a trainer stands in the data. */
export interface DataCursor {
  /** How many epochs are finished. */
  readonly epoch: number;
  /** How many batches of the current epoch are used. */
  readonly batch: number;
  /** What the current epoch walks through, such as `mnist, 60000 samples, batches of 64`; empty before it begins. */
  readonly pass: string;
}

/** One optimizer's memory. */
export interface OptimizerSnapshot {
  /** How many updates it made. */
  readonly step: number;
  /** Its tensors, by `weight#slot`. */
  readonly slots: NamedArrays;
}

/**
 * Everything a trainer needs to go on exactly where it stood: plain data, out of reach of any backend.
 *
 * @example Go back to a better moment
 * ```ts
 * const before = await trainer.snapshot();
 * await trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * await trainer.restore(before);
 * ```
 */
export interface TrainerSnapshot {
  /** Version of this form. */
  readonly format: 1;
  /** The backend that computed it; another one goes on with other roundings. */
  readonly backend: string;
  /** Every setting that decides what training computes. */
  readonly configuration: TrainerConfiguration;
  /** How many steps were made. */
  readonly step: number;
  /** Where it stands in the data. */
  readonly cursor: DataCursor;
  /** States of the random sources, by purpose. */
  readonly random: Readonly<Record<'latents' | 'layers' | 'penalties', RandomState>>;
  /** Weights and statistics of both players, by name. */
  readonly players: Readonly<Record<'generator' | 'discriminator', NamedArrays>>;
  /** Memory of both optimizers. */
  readonly optimizers: Readonly<Record<'generator' | 'discriminator', OptimizerSnapshot>>;
  /**
   * What other parts remember, by part and name: `constraints/spectralNorm/discriminator`, `penalties/…`,
   * `weightAverage`. Empty where none has a memory.
   */
  readonly parts: Readonly<Record<string, NamedArrays>>;
  /** What happened so far. */
  readonly history: HistoryData;
}
