import { checkSameWidth, type Features, readFeatures, readPair } from './features.ts';
import { nearestRows } from './numerics/nearest.ts';

/**
 * The sets that {@link memorization} compares.
 *
 * @example Images that are new, flattened into rows
 * ```ts
 * const noise = (seed: number) => tf.randomUniform([50, 8, 8, 1], -1, 1, 'float32', seed).as2D(50, 64);
 * const sets: MemorizationSets = { training: images.as2D(128, 64), fake: noise(2), heldOut: noise(3) };
 * console.log((await memorization(sets)).zScore < 3); // true
 * ```
 */
export interface MemorizationSets {
  /** Features of the samples the generator was trained on. */
  readonly training: Features;
  /** Features of generated samples. */
  readonly fake: Features;
  /** Features of real samples that it never saw. */
  readonly heldOut: Features;
}

/**
 * What {@link memorization} answers.
 *
 * @example Too few fakes to be sure: look at the nearest pairs
 * ```ts
 * const [training, heldOut] = [[[0, 0], [1, 1], [2, 2]], [[0.5, 0], [1, 2], [3, 3]]];
 * const fake = [[2, 2], [0, 0]];
 * const { zScore, nearest, distances }: Memorization = await memorization({ training, heldOut, fake });
 * console.log(zScore < 3, nearest, distances); // true [ 2, 0 ] [ 0, 0 ]
 * ```
 */
export interface Memorization {
  /**
   * The chance that a fake lies nearer to the training samples than a held-out sample does: one half where fakes are as
   * new as real samples, 1 where each is a copy.
   */
  readonly probability: number;
  /** By how many standard deviations that is more than one half; above 3, the generator copies. */
  readonly zScore: number;
  /** Number of the training sample nearest to each fake, to look at side by side. */
  readonly nearest: readonly number[];
  /** Its distance. */
  readonly distances: readonly number[];
}

/**
 * Tells whether a generator copies its training samples.
 *
 * Good fakes lie near training samples, and so do unseen real ones; copies lie nearer. So it compares, by the
 * Mann–Whitney test, the distances of fakes and of held-out samples to their nearest training sample. Take features for
 * likeness of content; raw pixels, flattened, find only pixel copies. A generator may copy in one region and blur in
 * another, which one figure averages: look at the nearest pairs too.
 *
 * - Shapes: each set is `[samples, features]`.
 * - Memory: the features stay the caller's; distances are made in blocks of 2 MB.
 *
 * @param sets - Training samples, fakes and held-out samples.
 * @returns The chance, its z-score, and the nearest training sample of each fake.
 * @throws RangeError where features are not finite or their numbers differ.
 *
 * @example A generator that repeats what it saw
 * ```ts
 * const training = tf.randomNormal<tf.Rank.R2>([300, 4], 0, 1, 'float32', 1);
 * const heldOut = tf.randomNormal<tf.Rank.R2>([300, 4], 0, 1, 'float32', 2);
 * const fake = training.slice([100, 0], [100, 4]);
 * const { probability, nearest } = await memorization({ training, fake, heldOut });
 * console.log(probability, nearest[0]); // 1 100
 * ```
 *
 * @see Meehan et al., A Non-Parametric Test to Detect Data-Copying in Generative Models, 2020, section 3.
 * {@link https://arxiv.org/abs/2004.05675}
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

/** P(first < second), ties half, and its z-score with the variance for ties. */
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
    // Equal values share the mean of their ranks, which count from 1.
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
