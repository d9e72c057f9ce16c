import type { NamedArrays } from '../../core/named-arrays.ts';
import type { TrainerConfiguration } from './configuration.ts';
import type { TrainingDescription } from './describe-networks.ts';
import type { HistoryData } from '../history.ts';
import type { PerNetwork } from '../step-info.ts';
import type { TrainBound } from '../train-bound.ts';

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
  /** The networks, for other programs, and what they were trained on. */
  readonly description: TrainingDescription;
  /** Every setting that decides what training computes. */
  readonly configuration: TrainerConfiguration;
  /** How many steps were made. */
  readonly step: number;
  /** How many real samples they used. */
  readonly samples: number;
  /** Where it stands in the data. */
  readonly cursor: {
    /** How many epochs are finished. */
    readonly epoch: number;
    /** How many batches of the current epoch are used. */
    readonly batch: number;
    /** What the current epoch walks through, such as `mnist, 60000 samples, batches of 64`; empty before it begins. */
    readonly pass: string;
  };
  /**
   * What the last run was planned to end with. A run of the same end continues with it, so that schedules do as well.
   *
   * @defaultValue none, where nothing was planned: before the first step, or where nothing tells how many there will be
   */
  readonly plan?:
    | {
        /** Number of the step, over the trainer's life, that is to be the last; none in a run of `minutes` without a plan yet. */
        readonly lastStep?: number | undefined;
        /** What ends the run, over the trainer's life: in a run of `minutes` the planned last step. */
        readonly until: TrainBound;
        /** What it walks through, as `cursor.pass` says. */
        readonly pass: string;
        /**
         * Where a run of `minutes` was planned: number of the step, and share of the run, 0…1, that lay behind it. Schedules
         * that end with the run go in lines from point to point, and from the last one to the last step.
         *
         * @defaultValue none: the number of steps was fixed from the beginning
         */
        readonly points?: readonly { readonly step: number; readonly share: number }[] | undefined;
      }
    | undefined;
  /** How many updates each turn has made, by its name. */
  readonly updates: Readonly<Record<string, number>>;
  /** States of the random sources that were drawn from, by purpose. */
  readonly random: Readonly<Record<string, readonly number[]>>;
  /** Weights and statistics of each network, by name. */
  readonly networks: PerNetwork<NamedArrays>;
  /** Memory of the optimizer of each network that has one. */
  readonly optimizers: PerNetwork<{
    /** How many updates it made. */
    readonly step: number;
    /** Its tensors, by `weight#slot`. */
    readonly slots: NamedArrays;
    /**
     * How many of the updates passed without each weight, because its layer was frozen or its memory begins late, by the key
     * of the weight.
     *
     * @defaultValue none
     */
    readonly missed?: Readonly<Record<string, number>> | undefined;
    /**
     * How many updates were made before by another optimizer.
     *
     * @defaultValue `0`
     */
    readonly former?: number | undefined;
  }>;
  /**
   * What other parts hold, by part and name: `constraints/spectralNorm/discriminator`, `ema/generator`, and `memory` for the
   * slots of penalties and games. Empty if there are none.
   */
  readonly parts: Readonly<Record<string, NamedArrays>>;
  /** What happened so far. */
  readonly history: HistoryData;
}

/** Where training stands in the data. @internal */
export type DataCursor = TrainerSnapshot['cursor'];

/** What a run is planned to end with. @internal */
export type TrainingPlan = NonNullable<TrainerSnapshot['plan']>;
