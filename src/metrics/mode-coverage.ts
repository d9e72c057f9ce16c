import { checkPositive } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { type Features, type FeatureTable, readFeatures } from './features.ts';

/**
 * The mixture for {@link modeCoverage}; `ring8()` and `grid25()` have it.
 *
 * @example A custom mixture: three modes on a line
 * ```ts
 * const line: Mixture = { modes: [[-1, 0], [0, 0], [1, 0]], standardDeviation: 0.1 };
 * const { modes, counts } = await modeCoverage([[-1, 0], [1, 0.1], [0.9, 0]], line);
 * console.log(modes, counts); // 2 [ 1, 0, 2 ]
 * ```
 */
export interface Mixture {
  /** The centers, `[modes][dimensions]`. */
  readonly modes: readonly (readonly number[])[];
  /** Standard deviation of points around their mode, along each axis; positive. */
  readonly standardDeviation: number;
}

/**
 * The result of {@link modeCoverage}.
 *
 * @example List the missed modes
 * ```ts
 * const points = [[1, 0], [1.01, 0], [0, 1], [5, 5]];
 * const { counts, highQualityShare }: ModeCoverage = await modeCoverage(points, ring8({ size: 8 }));
 * const missed = counts.flatMap((count, mode) => (count === 0 ? [mode] : []));
 * console.log(missed, highQualityShare); // [ 1, 3, 4, 5, 6, 7 ] 0.75
 * ```
 */
export interface ModeCoverage {
  /** Number of modes with at least one high-quality sample. */
  readonly modes: number;
  /** Number of modes of the mixture. */
  readonly totalModes: number;
  /**
   * Share of samples, 0…1, within three standard deviations of a mode. Real samples of two
   * dimensions: 0.989.
   */
  readonly highQualityShare: number;
  /**
   * Kullback–Leibler divergence, in nats, of the high-quality samples' distribution over the modes
   * from the uniform one: 0 if all modes are equally likely, log(`totalModes`) if all samples are
   * at one mode, infinite if no sample is of high quality.
   */
  readonly reverseKl: number;
  /** Number of high-quality samples at each mode. */
  readonly counts: readonly number[];
  /** Number of samples. */
  readonly samples: number;
}

/** Number of standard deviations within which a sample is of high quality. */
const highQuality = 3;

/**
 * Counts the modes of a known mixture that a generator covers.
 *
 * A test of mode collapse with a known result: the literature draws 2,500 samples of a generator
 * trained on eight Gaussians on a ring, or 25 on a grid. A sample is of high quality if it is
 * within three standard deviations of the nearest mode; with p̂ the high-quality samples'
 * distribution over K modes,
 *
 *     reverse KL = Σ p̂ₖ · log(p̂ₖ · K)
 *
 * - Shapes: `samples` is `[samples, dimensions]`.
 * - Memory: the caller keeps owning the samples.
 *
 * @param samples - The generated samples.
 * @param mixture - The modes, such as `ring8()`.
 * @returns Covered modes, share of high quality, and divergence from uniform.
 * @throws RangeError if samples and modes differ in dimension or the standard deviation is not
 * positive.
 *
 * @example Modes of a generator
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2], seed: 1 });
 * const points = gan.generator.sample(2_500, { seed: 7 }) as tf.Tensor2D;
 * const { modes, highQualityShare, reverseKl } = await modeCoverage(points, ring8());
 * points.dispose();
 * ```
 *
 * @see Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018,
 * section 4.1. {@link https://arxiv.org/abs/1712.04086}
 */
export async function modeCoverage(samples: Features, mixture: Mixture): Promise<ModeCoverage> {
  const action = 'count modes';
  const table = await readFeatures(action, 'samples', samples);
  checkMixture(action, mixture, table);
  const { modes, standardDeviation } = mixture;
  const counts = new Array<number>(modes.length).fill(0);
  for (let row = 0; row < table.rows; row += 1) {
    const { mode, distance } = nearestMode(table, row, modes);
    if (distance < highQuality * standardDeviation) counts[mode] = (counts[mode] ?? 0) + 1;
  }
  const good = counts.reduce((sum, count) => sum + count, 0);
  return {
    modes: counts.filter((count) => count > 0).length,
    totalModes: modes.length,
    highQualityShare: good / table.rows,
    reverseKl: good === 0 ? Infinity : divergenceFromUniform(counts, good),
    counts,
    samples: table.rows,
  };
}

function nearestMode(
  { columns, values }: FeatureTable,
  row: number,
  modes: Mixture['modes'],
): { mode: number; distance: number } {
  let nearest = { mode: 0, distance: Infinity };
  for (const [mode, center] of modes.entries()) {
    const offsets = center.map((value, axis) => values[row * columns + axis]! - value);
    const distance = Math.hypot(...offsets);
    if (distance < nearest.distance) nearest = { mode, distance };
  }
  return nearest;
}

function divergenceFromUniform(counts: readonly number[], total: number): number {
  let sum = 0;
  for (const count of counts) {
    if (count > 0) sum += (count / total) * Math.log((count / total) * counts.length);
  }
  // Rounding may make the divergence of a uniform distribution slightly negative.
  return Math.max(0, sum);
}

function checkMixture(action: string, mixture: Mixture, samples: FeatureTable): void {
  const { modes, standardDeviation } = mixture;
  if (((modes as Mixture['modes'] | undefined)?.length ?? 0) === 0) {
    throw new TypeError(
      `Cannot ${action}: mixture must have modes and a standardDeviation, like ring8(), got ${formatValue(mixture)}`,
    );
  }
  checkPositive(action, 'mixture.standardDeviation', standardDeviation);
  const wrong = modes.find((mode) => mode.length !== samples.columns);
  if (wrong === undefined) return;
  throw new RangeError(
    `Cannot ${action}: samples must have as many dimensions as the modes, ` +
      `got samples of shape ${formatShape([samples.rows, samples.columns])} and the mode ${formatValue(wrong)}`,
  );
}
