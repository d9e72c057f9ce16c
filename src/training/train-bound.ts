/**
 * A point in a trainer's life.
 *
 * @example Train to a total number of steps, including earlier ones
 * ```ts
 * await trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * const until: TrainBound = { steps: 3 };
 * const history = await trainer.fit(dataset, { until, batchSize: 8 });
 * console.log(history.steps.length); // 3
 * ```
 */
export interface TrainBound {
  /** Number of finished epochs. */
  readonly epochs?: number | undefined;
  /** Number of steps. */
  readonly steps?: number | undefined;
}
