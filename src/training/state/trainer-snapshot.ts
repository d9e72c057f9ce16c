import type { NamedArrays } from '../../core/named-arrays.ts';
import type { RandomState } from '../../core/random.ts';
import type { TrainerConfiguration } from './configuration.ts';
import type { TrainingDescription } from './describe-networks.ts';
import type { HistoryData } from '../history.ts';
import type { PerNetwork } from '../step-info.ts';
import type { TrainBound } from '../train-bound.ts';

/**
 * Where a trainer stands in the data.
 *
 * @example How far into the data training has come
 * ```ts
 * await trainer.fit(dataset, { steps: 5, batchSize: 32 });
 * const cursor: DataCursor = (await trainer.snapshot()).cursor;
 * console.log(cursor.epoch, cursor.batch); // 1 1
 * ```
 */
export interface DataCursor {
  /** How many epochs are finished. */
  readonly epoch: number;
  /** How many batches of the current epoch are used. */
  readonly batch: number;
  /** What the current epoch walks through, such as `mnist, 60000 samples, batches of 64`; empty before it begins. */
  readonly pass: string;
}

/**
 * What a run was planned to end with: what schedules without an end of their own end with.
 *
 * @example The step at which a run of three epochs ends
 * ```ts
 * await trainer.fit(dataset, { epochs: 3, batchSize: 32, callbacks: [{ onStepEnd: (_, run) => run.stop() }] });
 * const plan: TrainingPlan | undefined = (await trainer.snapshot()).plan;
 * console.log(plan?.lastStep, plan?.until); // 12 { epochs: 3 }
 * ```
 */
export interface TrainingPlan {
  /** Number of the step, over the trainer's life, that is to be the last. */
  readonly lastStep: number;
  /** What ends the run, over the trainer's life. */
  readonly until: TrainBound;
  /** What it walks through, as {@link DataCursor.pass} says. */
  readonly pass: string;
}

/**
 * One optimizer's memory.
 *
 * @example How many updates each network has had
 * ```ts
 * const { trainer } = createMlpGan({ sampleShape: [2], updatesPerStep: { discriminator: 5 } });
 * await trainer.fit(ring8({ size: 512 }), { steps: 2, batchSize: 32 });
 * const { generator, discriminator } = (await trainer.snapshot()).optimizers;
 * const updates = ({ step }: OptimizerSnapshot): number => step;
 * console.log(updates(discriminator), updates(generator)); // 10 2
 * ```
 */
export interface OptimizerSnapshot {
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
  /** The networks, for other programs, and what they were trained on. */
  readonly description: TrainingDescription;
  /** Every setting that decides what training computes. */
  readonly configuration: TrainerConfiguration;
  /** How many steps were made. */
  readonly step: number;
  /** How many real samples they used. */
  readonly samples: number;
  /** Where it stands in the data. */
  readonly cursor: DataCursor;
  /**
   * What the last run was planned to end with. A run of the same end continues with it, so that schedules do as well.
   *
   * @defaultValue none, where nothing was planned: before the first step, or where nothing tells how many there will be
   */
  readonly plan?: TrainingPlan | undefined;
  /** How many updates each turn has made, by its name. */
  readonly updates: Readonly<Record<string, number>>;
  /** States of the random sources that were drawn from, by purpose. */
  readonly random: Readonly<Record<string, RandomState>>;
  /** Weights and statistics of each network, by name. */
  readonly networks: PerNetwork<NamedArrays>;
  /** Memory of the optimizer of each network that has one. */
  readonly optimizers: PerNetwork<OptimizerSnapshot>;
  /**
   * What other parts hold, by part and name: `constraints/spectralNorm/discriminator`, `ema/generator`, and `memory` for the
   * slots of penalties and games. Empty if there are none.
   */
  readonly parts: Readonly<Record<string, NamedArrays>>;
  /** What happened so far. */
  readonly history: HistoryData;
}
