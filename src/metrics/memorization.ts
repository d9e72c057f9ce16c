import { checkSameWidth, type Features, readFeatures, readPair } from './features.ts';
import { nearestRows } from './numerics/nearest.ts';

/**
 * The sets that {@link memorization} compares.
 *
 * @example New images, flattened into rows
 * ```ts
 * const noise = (seed: number) => tf.randomUniform([50, 8, 8, 1], -1, 1, 'float32', seed).as2D(50, 64);
 * const sets: MemorizationSets = { training: images.as2D(128, 64), fake: noise(2), heldOut: noise(3) };
 * console.log((await memorization(sets)).zScore < 3); // true
 * ```
 */
export interface MemorizationSets {
  /** Features of the generator's training samples. */
  readonly training: Features;
  /** Features of generated samples. */
  readonly fake: Features;
  /** Features of held-out real samples. */
  readonly heldOut: Features;
}

/**
 * The result of {@link memorization}.
 *
 * @example Too few fake samples for significance: check the nearest pairs
 * ```ts
 * const [training, heldOut] = [[[0, 0], [1, 1], [2, 2]], [[0.5, 0], [1, 2], [3, 3]]];
 * const fake = [[2, 2], [0, 0]];
 * const { zScore, nearest, distances }: Memorization = await memorization({ training, heldOut, fake });
 * console.log(zScore < 3, nearest, distances); // true [ 2, 0 ] [ 0, 0 ]
 * ```
 */
export interface Memorization {
  /**
   * The probability that a fake sample is nearer to the training samples than a held-out sample is:
   * 0.5 if fake samples are as new as real ones, 1 if all are copies.
   */
  readonly probability: number;
  /** The z-score of that against 0.5; above 3, the generator copies. */
  readonly zScore: number;
  /** Index of the training sample nearest to each fake sample, for visual comparison. */
  readonly nearest: readonly number[];
  /** Its distance. */
  readonly distances: readonly number[];
}

/**
 * Tests whether a generator copies its training samples.
 *
 * Good fake samples are near training samples, and so are held-out real ones; copies are nearer. It
 * compares, with the Mann–Whitney test, the distances of fake and of held-out samples to their
 * nearest training sample. Use features for similar content; raw pixels, flattened, detect only
 * pixel copies. A generator may copy in one region and underfit in another, which a single figure
 * averages: check the nearest pairs too.
 *
 * - Shapes: each set is `[samples, features]`.
 * - Memory: the caller keeps owning the features; distances are computed in blocks of 2 MB.
 *
 * @param sets - Training samples, fake samples and held-out samples.
 * @returns The probability, its z-score, and the nearest training sample of each fake one.
 * @throws RangeError if features are not finite or their numbers differ.
 *
 * @example A generator that repeats its training samples
 * ```ts
 * const training = tf.randomNormal<tf.Rank.R2>([300, 4], 0, 1, 'float32', 1);
 * const heldOut = tf.randomNormal<tf.Rank.R2>([300, 4], 0, 1, 'float32', 2);
 * const fake = training.slice([100, 0], [100, 4]);
 * const { probability, nearest } = await memorization({ training, fake, heldOut });
 * console.log(probability, nearest[0]); // 1 100
 * ```
 *
 * @see Meehan et al., A Non-Parametric Test to Detect Data-Copying in Generative Models, 2020,
 * section 3. {@link https://arxiv.org/abs/2004.05675}
 */
export async function memorization(sets: MemorizationSets): Promise<Memorization> {
  const action = 'check for memorization';
  const [training, fake] = await readPair(action, sets.training, sets.fake, ['training', 'fake']);
  const heldOut = await readFeatures(action, 'heldOut', sets.heldOut);
  checkSameWidth(action, ['training', 'heldOut'], [training, heldOut]);
  const own = await nearestRows(fake, training, 1);
  const other = await nearestRows(heldOut, training, 1);
  return {
    ...mannWhitney(own.squared, other.squared),
    nearest: [...own.indices],
    distances: [...own.squared].map(Math.sqrt),
  };
}

/** P(first < second), ties count half, and its z-score with the variance for ties. */
function mannWhitney(
  first: Float64Array,
  second: Float64Array,
): { probability: number; zScore: number } {
  const [m, n] = [first.length, second.length];
  const all = [
    ...Array.from(first, (value) => ({ value, isFirst: true })),
    ...Array.from(second, (value) => ({ value, isFirst: false })),
  ].sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length;) {
    let to = from + 1;
    while (to < all.length && all[to]!.value === all[from]!.value) to += 1;
    // Equal values share their mean rank; ranks count from 1.
    const rank = (from + 1 + to) / 2;
    for (let i = from; i < to; i += 1) if (all[i]!.isFirst) rankSum += rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const greater = rankSum - (m * (m + 1)) / 2;
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  const smaller = m * n - greater;
  return {
    probability: smaller / (m * n),
    zScore: variance > 0 ? (smaller - (m * n) / 2) / Math.sqrt(variance) : 0,
  };
}
