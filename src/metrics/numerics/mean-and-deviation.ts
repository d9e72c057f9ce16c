/**
 * A figure that was measured several times.
 *
 * @example Compare the difference of two figures with their deviations
 * ```ts
 * const cloud = (mean: number, seed: number) => tf.randomNormal<tf.Rank.R2>([200, 4], mean, 1, 'float32', seed);
 * const near: MeanAndDeviation = await kernelDistance(cloud(0, 1), cloud(0, 2), { subsets: 10 });
 * const far: MeanAndDeviation = await kernelDistance(cloud(0, 1), cloud(1, 3), { subsets: 10 });
 * console.log(far.mean - far.deviation > near.mean + near.deviation); // true
 * ```
 */
export interface MeanAndDeviation {
  /** The mean. */
  readonly mean: number;
  /** The standard deviation of single values. */
  readonly deviation: number;
}

/**
 * Mean and standard deviation; `less` is 1 for an estimate from a sample, 0 for the population.
 *
 * @internal
 */
export function meanAndDeviation(figures: readonly number[], less: 0 | 1): MeanAndDeviation {
  const count = figures.length;
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / count;
  const squares = figures.reduce((sum, figure) => sum + (figure - mean) ** 2, 0);
  return { mean, deviation: count === 1 ? 0 : Math.sqrt(squares / (count - less)) };
}
