/** A figure that was taken several times. */
export interface MeanAndDeviation {
  /** The mean. */
  readonly mean: number;
  /** The standard deviation: how far single figures scatter around the mean. */
  readonly deviation: number;
}

/** Mean and standard deviation; `less` is 1 for an estimate from a sample, 0 for the figures themselves. @internal */
export function meanAndDeviation(figures: readonly number[], less: 0 | 1): MeanAndDeviation {
  const count = figures.length;
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / count;
  const squares = figures.reduce((sum, figure) => sum + (figure - mean) ** 2, 0);
  return { mean, deviation: count === 1 ? 0 : Math.sqrt(squares / (count - less)) };
}
