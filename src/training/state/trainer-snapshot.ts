import type { NamedArrays } from '../../core/named-arrays.ts';
import type { TrainerConfiguration } from './configuration.ts';
import type { TrainingDescription } from './describe-networks.ts';
import type { HistoryData } from '../history.ts';
import type { PerNetwork } from '../step-info.ts';
import type { TrainBound } from '../train-bound.ts';

/**
 * Everything a trainer needs to resume exactly, as plain data that does not depend on a backend.
 *
 * @example Return to a better step
 * ```ts
 * const before = await trainer.snapshot();
 * await trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * await trainer.restore(before);
 * ```
 */
export interface TrainerSnapshot {
  /** Version of this format. */
  readonly format: 1;
  /** The backend that computed it; another one continues with different rounding. */
  readonly backend: string;
  /** The networks, for other programs, and the data they were trained on. */
  readonly description: TrainingDescription;
  /** Every setting that affects the result of training. */
  readonly configuration: TrainerConfiguration;
  /** How many steps were trained. */
  readonly step: number;
  /** How many real samples they used. */
  readonly samples: number;
  /** The position in the data. */
  readonly cursor: {
    /** How many epochs are finished. */
    readonly epoch: number;
    /** How many batches of the current epoch were used. */
    readonly batch: number;
    /**
     * The data of the current epoch, such as `mnist, 60000 samples, batches of 64`; empty before it
     * begins.
     */
    readonly pass: string;
  };
  /**
   * The planned end of the last run. A run with the same end continues the plan, and so its
   * schedules.
   *
   * @defaultValue none, if nothing was planned: before the first step, or if the number of steps is
   * unknown
   */
  readonly plan?:
    | {
        /**
         * Number of the last step, counted over the trainer's life; none in a run of `minutes`
         * that is not planned yet.
         */
        readonly lastStep?: number | undefined;
        /**
         * What ends the run, counted over the trainer's life: in a run of `minutes` the planned
         * last step.
         */
        readonly until: TrainBound;
        /** The data, as in `cursor.pass`. */
        readonly pass: string;
        /**
         * Where a run of `minutes` was planned: number of the step, and share of the run, 0…1, that
         * lay behind it. Schedules that end with the run go in lines from point to point, and from
         * the last one to the last step.
         *
         * @defaultValue none: the number of steps was fixed from the beginning
         */
        readonly points?:
          | readonly {
              /** Number of the step. */
              readonly step: number;
              /** Share of the run before it, 0…1. */
              readonly share: number;
            }[]
          | undefined;
      }
    | undefined;
  /** How many updates each turn has made, by its name. */
  readonly updates: Readonly<Record<string, number>>;
  /** States of the random sources in use, by purpose. */
  readonly random: Readonly<Record<string, readonly number[]>>;
  /** Weights and statistics of each network, by name. */
  readonly networks: PerNetwork<NamedArrays>;
  /** State of each network's optimizer, if it has one. */
  readonly optimizers: PerNetwork<{
    /** How many updates it has made. */
    readonly step: number;
    /** Its tensors, by `weight#slot`. */
    readonly slots: NamedArrays;
    /**
     * How many of the updates skipped each weight, because its layer was frozen or its state begins
     * late, by the key of the weight.
     *
     * @defaultValue none
     */
    readonly missed?: Readonly<Record<string, number>> | undefined;
    /**
     * How many updates an earlier optimizer made.
     *
     * @defaultValue `0`
     */
    readonly former?: number | undefined;
  }>;
  /**
   * State of other parts, by part and name: `constraints/spectralNorm/discriminator`,
   * `ema/generator`, and `memory` for the slots of penalties and games. Empty if there are none.
   */
  readonly parts: Readonly<Record<string, NamedArrays>>;
  /** The history so far. */
  readonly history: HistoryData;
}

/** Position of training in the data. @internal */
export type DataCursor = TrainerSnapshot['cursor'];

/** The planned end of a run. @internal */
export type TrainingPlan = NonNullable<TrainerSnapshot['plan']>;
