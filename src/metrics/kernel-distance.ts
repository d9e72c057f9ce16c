import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { Random } from '../core/random.ts';
import { checkRows, type Features, type FeatureTable, readPair } from './features.ts';
import { meanAndDeviation, type MeanAndDeviation } from './numerics/mean-and-deviation.ts';

/**
 * Settings of {@link kernelDistance}.
 *
 * @example Few samples: small subsets, and more of them
 * ```ts
 * const options: KernelDistanceOptions = { subsets: 200, subsetSize: 20 };
 * const real = tf.randomNormal<tf.Rank.R2>([60, 4], 0, 1, 'float32', 1);
 * const fake = tf.randomNormal<tf.Rank.R2>([60, 4], 2, 1, 'float32', 2);
 * const { mean, deviation } = await kernelDistance(real, fake, options);
 * console.log(mean > deviation); // true
 * ```
 */
export interface KernelDistanceOptions {
  /**
   * Number of subsets to average over.
   *
   * @defaultValue `100`
   */
  readonly subsets?: number | undefined;
  /**
   * Samples in a subset, drawn without replacement.
   *
   * @defaultValue `1000`, or half of the smaller set if that is less: with all samples every subset
   * would be equal
   */
  readonly subsetSize?: number | undefined;
  /**
   * Determines the subsets.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/**
 * The distance between the distributions of fake and real features without assumptions about their
 * form: the KID if the features are those of InceptionV3.
 *
 * Use it if there are few samples: unlike {@link frechetDistance} it is unbiased, so its mean does
 * not depend on their number, and equal distributions give 0 on average (single values may be
 * negative).
 *
 * The squared maximum mean discrepancy with k(x, y) = (x·y / d + 1)³ for d features, over m samples
 * of each kind,
 *
 *     Σᵢ≠ⱼ k(rᵢ, rⱼ) / (m(m − 1)) + Σᵢ≠ⱼ k(fᵢ, fⱼ) / (m(m − 1)) − 2·Σᵢⱼ k(rᵢ, fⱼ) / m²
 *
 * - Shapes: `real` and `fake` are `[samples, features]`; the numbers of samples may differ.
 * - Memory: the caller keeps owning the features; one product of `subsetSize × subsetSize` at a
 *   time.
 *
 * @param real - Features of real samples.
 * @param fake - Features of generated samples.
 * @param options - Number and size of the subsets, and their seed.
 * @returns Mean of the subsets' values and their standard deviation.
 * @throws RangeError if the features are not finite, their numbers differ, or a subset is larger
 * than a set.
 *
 * @example Two clouds
 * ```ts
 * const real = tf.randomNormal<tf.Rank.R2>([500, 8], 0, 1, 'float32', 1);
 * const fake = tf.randomNormal<tf.Rank.R2>([500, 8], 1, 1, 'float32', 2);
 * const { mean, deviation } = await kernelDistance(real, fake, { subsets: 10, subsetSize: 200 });
 * console.log(mean > 5 * deviation); // true
 * ```
 *
 * @see Bińkowski et al., Demystifying MMD GANs, 2018, section 4.
 * {@link https://arxiv.org/abs/1801.01401}
 */
export async function kernelDistance(
  real: Features,
  fake: Features,
  options: KernelDistanceOptions = {},
): Promise<MeanAndDeviation> {
  const action = 'compute the kernel distance';
  const tables = await readPair(action, real, fake);
  const fewest = Math.min(tables[0].rows, tables[1].rows);
  const half = Math.max(2, Math.floor(fewest / 2));
  const { subsets = 100, subsetSize: size = Math.min(1000, half), seed = 0 } = options;
  checkPositiveInteger(action, 'subsets', subsets);
  checkPositiveInteger(action, 'subsetSize', size);
  checkSeed(action, seed);
  if (size === 1) throw new RangeError(`Cannot ${action}: subsetSize must be at least 2, got 1`);
  checkRows(action, 'real', tables[0], size, 'for a subset');
  checkRows(action, 'fake', tables[1], size, 'for a subset');
  const random = new Random(seed);
  const [drawReal, drawFake] = [
    rowDrawer(random, tables[0], size),
    rowDrawer(random, tables[1], size),
  ];
  const { columns } = tables[0];
  const values: number[] = [];
  for (let subset = 0; subset < subsets; subset += 1) {
    const [x, y] = [drawReal(), drawFake()];
    values.push(await discrepancy(x, y, columns));
    tf.dispose([x, y]);
  }
  return meanAndDeviation(values, 0);
}

/** Draws rows without replacement, new ones each time. */
function rowDrawer(
  random: Random,
  { rows, columns, values }: FeatureTable,
  count: number,
): () => tf.Tensor2D {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  return () => {
    const drawn = new Float32Array(count * columns);
    // The first steps of a shuffle; its initial order may be any.
    for (let i = 0; i < count; i += 1) {
      const j = i + random.integer(rows - i);
      const row = order[j]!;
      order[j] = order[i]!;
      order[i] = row;
      drawn.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
    }
    return tf.tensor2d(drawn, [count, columns]);
  };
}

/** The unbiased estimate from two sets of equal size. */
async function discrepancy(
  real: tf.Tensor2D,
  fake: tf.Tensor2D,
  features: number,
): Promise<number> {
  const size = real.shape[0];
  const pairs = size * (size - 1);
  const within = async (x: tf.Tensor2D): Promise<number> => {
    const { all, diagonal } = await kernelSums(x, x, features);
    return (all - diagonal) / pairs;
  };
  const between = (await kernelSums(real, fake, features)).all / size ** 2;
  return (await within(real)) + (await within(fake)) - 2 * between;
}

/** Σ k(x, y) over all pairs, and over those with equal indices. */
async function kernelSums(
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  features: number,
): Promise<{ all: number; diagonal: number }> {
  const products = tf.matMul(x, y, false, true);
  const values = (await products.data()) as Float32Array;
  products.dispose();
  const size = x.shape[0];
  const diagonal = Float32Array.from({ length: size }, (_, i) => values[i * (size + 1)]!);
  return { all: sumOfKernels(values, features), diagonal: sumOfKernels(diagonal, features) };
}

/** Σ (p / d + 1)³. */
function sumOfKernels(products: Float32Array, features: number): number {
  let sum = 0;
  for (const product of products) {
    const base = product / features + 1;
    sum += base * base * base;
  }
  return sum;
}
