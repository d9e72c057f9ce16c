import { checkPositiveInteger } from '../core/checks.ts';
import { Distances } from './numerics/distances.ts';
import { checkRows, type Features, type FeatureTable, readPair } from './features.ts';
import { nearestRows } from './numerics/nearest.ts';

/**
 * The result of {@link precisionRecall}.
 *
 * @example Widely scattered fake samples: high recall, low quality
 * ```ts
 * const real = tf.randomNormal<tf.Rank.R2>([300, 2], 0, 1, 'float32', 1);
 * const fake = tf.randomNormal<tf.Rank.R2>([300, 2], 0, 5, 'float32', 2);
 * const { precision, recall, density }: PrecisionRecall = await precisionRecall(real, fake);
 * console.log(recall > precision, density < 0.5); // true true
 * ```
 */
export interface PrecisionRecall {
  /** Share of fake samples inside the ball of a real sample: quality. */
  readonly precision: number;
  /**
   * Share of real samples inside the ball of a fake one: diversity; too high if fake samples
   * scatter widely.
   */
  readonly recall: number;
  /**
   * Mean number of balls of real samples that contain a fake sample, divided by `neighbors`:
   * quality; may exceed 1.
   */
  readonly density: number;
  /** Share of real samples with a fake sample in their ball: diversity. */
  readonly coverage: number;
}

/**
 * Measures quality and diversity separately, unlike a single distance.
 *
 * The ball of each sample extends to its k-th nearest neighbor of the same kind; the four figures
 * count which samples are in which balls. Prefer `density` and `coverage`: one outlier has a large
 * ball and raises `precision` and `recall`. Equal distributions have a coverage of about 1 − 2⁻ᵏ,
 * not 1.
 *
 * - Shapes: `real` and `fake` are `[samples, features]`; compare only values with equal numbers of
 *   samples.
 * - Memory: the caller keeps owning the features; distances are computed in blocks of 2 MB,
 *   whatever the number of samples.
 *
 * @param real - Features of real samples.
 * @param fake - Features of generated samples.
 * @param options - Number of neighbors.
 * @returns Precision, recall, density and coverage.
 * @throws RangeError if the features are not finite, their numbers differ, or there are no more
 * samples than neighbors.
 *
 * @example Good fake samples without variety
 * ```ts
 * const real = tf.randomNormal<tf.Rank.R2>([500, 2], 0, 1, 'float32', 1);
 * const fake = tf.randomNormal<tf.Rank.R2>([500, 2], 0, 0.1, 'float32', 2);
 * const { precision, coverage } = await precisionRecall(real, fake);
 * console.log(precision > 0.95, coverage < 0.2); // true true
 * ```
 *
 * @see Kynkäänniemi et al., Improved Precision and Recall Metric for Assessing Generative Models,
 * 2019. {@link https://arxiv.org/abs/1904.06991}
 * @see Naeem et al., Reliable Fidelity and Diversity Metrics for Generative Models, 2020.
 * {@link https://arxiv.org/abs/2002.09797}
 */
export async function precisionRecall(
  real: Features,
  fake: Features,
  options: {
    /**
     * How many neighbors define the ball around a sample. The paper on precision and recall uses 3,
     * the one on density and coverage 5.
     *
     * @defaultValue `5`
     */
    readonly neighbors?: number | undefined;
  } = {},
): Promise<PrecisionRecall> {
  const action = 'compute precision and recall';
  const { neighbors = 5 } = options;
  checkPositiveInteger(action, 'neighbors', neighbors);
  const [reals, fakes] = await readPair(action, real, fake);
  for (const [name, table] of [
    ['real', reals],
    ['fake', fakes],
  ] as const) {
    checkRows(action, name, table, neighbors + 1, `to have ${neighbors} neighbors each`);
  }
  const realRadii = await radii(reals, neighbors);
  const fakeRadii = await radii(fakes, neighbors);

  /** The number of balls of real samples that contain each fake sample. */
  const inReal = new Uint32Array(fakes.rows);
  const covered = new Uint8Array(reals.rows);
  const recalled = new Uint8Array(reals.rows);
  const distances = new Distances(reals, fakes);
  await distances.eachBlock(({ firstRow, rows, firstColumn, columns, least }) => {
    for (let i = firstRow, at = 0; i < firstRow + rows; i += 1) {
      for (let j = firstColumn; j < firstColumn + columns; j += 1, at += 1) {
        const distance = least[at]!;
        if (distances.isCloser(i, j, distance, realRadii[i]!)) {
          inReal[j]! += 1;
          covered[i] = 1;
        }
        if (recalled[i] === 0 && distances.isCloser(i, j, distance, fakeRadii[j]!)) recalled[i] = 1;
      }
    }
  });
  const total = (counts: Uint32Array | Uint8Array): number =>
    (counts as Uint8Array).reduce((sum, count) => sum + count, 0);
  return {
    precision: inReal.filter((count) => count > 0).length / fakes.rows,
    recall: total(recalled) / reals.rows,
    density: total(inReal) / (neighbors * fakes.rows),
    coverage: total(covered) / reals.rows,
  };
}

/** Squared distance of each row to its k-th nearest other row. */
async function radii(table: FeatureTable, neighbors: number): Promise<Float64Array> {
  const { squared } = await nearestRows(table, table, neighbors);
  return squared.filter((_, at) => at % neighbors === neighbors - 1);
}
