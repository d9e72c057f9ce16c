import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { Random } from '../core/random.ts';
import { type Features, type FeatureTable, readPair } from './features.ts';
import { sortFloats } from './numerics/sort-floats.ts';

/**
 * Settings of {@link slicedWasserstein}.
 *
 * @example Mean distances, which are less sensitive to an outlier than mean squares
 * ```ts
 * const options: SlicedWassersteinOptions = { order: 1 };
 * const [real, fake] = [[[0], [0], [0], [0]], [[0], [0], [0], [8]]] as const;
 * console.log((await slicedWasserstein(real, fake, options)).toFixed(3)); // 2.000
 * console.log((await slicedWasserstein(real, fake, { order: 2 })).toFixed(3)); // 4.000
 * ```
 */
export interface SlicedWassersteinOptions {
  /**
   * Number of random directions.
   *
   * @defaultValue `128`
   */
  readonly projections?: number | undefined;
  /**
   * The order p of the distance: 1 for mean distances, 2 for mean squares.
   *
   * @defaultValue `2`
   */
  readonly order?: 1 | 2 | undefined;
  /**
   * Determines the directions.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/** Directions projected together: 50,000 samples need 6.4 MB. */
const projectionsAtOnce = 32;
/** Samples projected together. */
const rowsAtOnce = 8192;

/**
 * The Wasserstein distance between fake and real samples, averaged over random directions.
 *
 * Use it for points, audio frames and other samples without an extractor: it makes no assumption
 * about the distribution and has the unit of the features. In many dimensions most directions are
 * uninformative, and differences require many samples to show.
 *
 *     distance = (mean over directions θ of Wₚ(θ·real, θ·fake)ᵖ)^(1/p)
 *
 * where Wₚ of numbers compares equal quantiles; it is also exact for sets of different sizes. This
 * is the distance on features; {@link slicedWassersteinPyramid} is the one on patches of images.
 *
 * - Shapes: `real` and `fake` are `[samples, features]`; the numbers of samples may differ.
 * - Memory: the caller keeps owning the features.
 *
 * @param real - Features of real samples.
 * @param fake - Features of generated samples.
 * @param options - Number of directions, order, seed.
 * @returns The distance, 0 or more.
 * @throws RangeError if the features are not finite or their numbers differ.
 *
 * @example Points and the same points shifted by 2
 * ```ts
 * const distance = await slicedWasserstein([[0], [1], [2]], [[2], [3], [4]]);
 * console.log(distance.toFixed(3)); // 2.000
 * ```
 *
 * @see Rabin et al., Wasserstein Barycenter and its Application to Texture Mixing, 2011.
 * @see Kolouri et al., Generalized Sliced Wasserstein Distances, 2019.
 *   {@link https://arxiv.org/abs/1902.00434}
 */
export async function slicedWasserstein(
  real: Features,
  fake: Features,
  options: SlicedWassersteinOptions = {},
): Promise<number> {
  const action = 'compute the sliced Wasserstein distance';
  const { projections = 128, order = 2, seed = 0 } = options;
  checkPositiveInteger(action, 'projections', projections);
  checkOneOf(action, 'order', order, [1, 2] as const);
  checkSeed(action, seed);
  const tables = await readPair(action, real, fake);
  const directions = randomDirections(new Random(seed), projections, tables[0].columns);
  return distanceAlong(tables, directions, order);
}

/** The distance along given directions. @internal */
export async function distanceAlong(
  [real, fake]: readonly [FeatureTable, FeatureTable],
  directions: readonly Float32Array[],
  order: 1 | 2,
): Promise<number> {
  let sum = 0;
  for (let first = 0; first < directions.length; first += projectionsAtOnce) {
    const some = directions.slice(first, first + projectionsAtOnce);
    const [a, b] = [await projected(real, some), await projected(fake, some)];
    some.forEach((_, i) => {
      sum += transportCost(sortFloats(a[i]!), sortFloats(b[i]!), order);
    });
  }
  return (sum / directions.length) ** (1 / order);
}

/** Directions uniformly distributed on the sphere. @internal */
export function randomDirections(random: Random, count: number, size: number): Float32Array[] {
  return Array.from({ length: count }, () => {
    const direction = random.normalArray(size);
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    return direction.map((value) => value / length);
  });
}

/** Projections of all samples onto each direction. */
async function projected(
  { rows, columns, values }: FeatureTable,
  directions: readonly Float32Array[],
): Promise<Float32Array[]> {
  const positions = directions.map(() => new Float32Array(rows));
  const across = tf.tidy(() => tf.stack(directions.map((direction) => tf.tensor1d(direction))));
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - first);
    const some = values.subarray(first * columns, (first + count) * columns);
    const product = tf.tidy(() =>
      tf.matMul(across, tf.tensor2d(new Float32Array(some), [count, columns]), false, true),
    );
    const along = (await product.data()) as Float32Array;
    product.dispose();
    positions.forEach((all, i) => {
      all.set(along.subarray(i * count, (i + 1) * count), first);
    });
  }
  across.dispose();
  return positions;
}

/** ∫ |F⁻¹(q) − G⁻¹(q)|ᵖ dq for two sorted sets. */
function transportCost(a: Float32Array, b: Float32Array, order: 1 | 2): number {
  const [m, n] = [a.length, b.length];
  let cost = 0;
  // In units of 1 / (m·n), so that the boundaries of the quantiles are integers.
  for (let i = 0, j = 0, from = 0; i < m && j < n;) {
    const to = Math.min((i + 1) * n, (j + 1) * m);
    const distance = Math.abs(a[i]! - b[j]!);
    cost += ((to - from) / (m * n)) * (order === 1 ? distance : distance * distance);
    if (to === (i + 1) * n) i += 1;
    if (to === (j + 1) * m) j += 1;
    from = to;
  }
  return cost;
}
