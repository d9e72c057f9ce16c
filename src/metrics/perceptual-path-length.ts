import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { Generator } from '../models/generator.ts';
import { checkTakes, extractChecked, type FeatureExtractor } from './features/feature-extractor.ts';

/**
 * Settings of {@link perceptualPathLength}.
 *
 * @example A longer step, if rounding errors dominate a short one
 * ```ts
 * const features = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
 * const options: PerceptualPathLengthOptions = { features, samples: 100, epsilon: 1e-2 };
 * const { generator } = createMlpGan({ sampleShape: [2] });
 * console.log((await perceptualPathLength(generator, options)) > 0); // true
 * ```
 */
export interface PerceptualPathLengthOptions {
  /** Computes features of samples. */
  readonly features: FeatureExtractor;
  /**
   * Number of random paths.
   *
   * @defaultValue `1000`
   */
  readonly samples?: number | undefined;
  /**
   * Step size, as a share of the path.
   *
   * @defaultValue `1e-4`
   */
  readonly epsilon?: number | undefined;
  /**
   * Determines the paths and the positions on them.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

const action = 'compute the perceptual path length';
const pathsAtOnce = 100;
/** Shares of the shortest and of the longest steps that are excluded, as in the paper's code. */
const lowest = 0.01;
const highest = 0.99;

/**
 * How far features move for a small step in latent space: small if samples change smoothly along
 * paths.
 *
 * Compare generators of one dataset with the same extractor. A generator of a single sample has 0,
 * so report a measure of diversity as well. Paths are arcs for normal latents and straight lines
 * for uniform ones.
 *
 *     length = mean of ‖f(G(path(t + ε))) − f(G(path(t)))‖² / ε²,   t ~ U[0, 1)
 *
 * excluding the shortest and the longest 1 %. In the paper, f are the features of a network trained
 * to match human judgments of similarity; values with other extractors are not comparable.
 *
 * - Memory: 100 steps are computed at a time. No tensors are left behind.
 *
 * @param generator - The generator.
 * @param options - Extractor, number of paths, step size, seed.
 * @returns The mean length, 0 or more.
 * @throws RangeError if the extractor expects samples of another shape.
 *
 * @example With custom features
 * ```ts
 * const means = featureExtractor((images) => tf.mean(images, [2, 3]), {
 *   name: 'means of rows',
 *   inputShape: [8, 8, 1],
 * });
 * const length = await perceptualPathLength(generator, { features: means, samples: 100 });
 * ```
 *
 * @see Karras et al., A Style-Based Generator Architecture for Generative Adversarial Networks,
 * 2019, section 4.1. {@link https://arxiv.org/abs/1812.04948}
 */
export async function perceptualPathLength(
  generator: Generator,
  options: PerceptualPathLengthOptions,
): Promise<number> {
  const { features: extractor, samples = 1000, epsilon = 1e-4, seed = 0 } = options;
  checkPositiveInteger(action, 'samples', samples);
  checkPositive(action, 'epsilon', epsilon);
  checkSeed(action, seed);
  checkTakes(action, extractor, generator.outputShape);
  const places = new Random(deriveSeed(seed, 'places'));
  const lengths: number[] = [];
  for (let first = 0; first < samples; first += pathsAtOnce) {
    const count = Math.min(pathsAtOnce, samples - first);
    const ends = generator.latents(2 * count, { seed: deriveSeed(seed, 'ends', first) });
    const steps = stepsOf(generator, await ends.data(), places, epsilon);
    ends.dispose();
    const features = tf.tidy(() => {
      const made = generator.generate(tf.tensor2d(steps, [2 * count, generator.latentSize]));
      return extractChecked(action, extractor, made).features;
    });
    lengths.push(...squaredSteps(await features.data(), count, epsilon));
    features.dispose();
  }
  return trimmedMean(lengths);
}

/** The latents at t of each path, then those at t + ε. */
function stepsOf(
  { latentSize, latentDistribution }: Generator,
  ends: ArrayLike<number>,
  places: Random,
  epsilon: number,
): Float32Array {
  const count = ends.length / latentSize / 2;
  const steps = new Float32Array(ends.length);
  for (let path = 0; path < count; path += 1) {
    const row = (number: number): number[] =>
      Array.from({ length: latentSize }, (_, i) => ends[number * latentSize + i]!);
    const [from, to] = [row(path), row(path + count)];
    const t = places.uniform();
    const weights = latentDistribution === 'normal' ? arc(from, to) : line;
    [t, t + epsilon].forEach((at, half) => {
      const [a, b] = weights(at);
      const latent = from.map((value, i) => a * value + b * to[i]!);
      steps.set(latent, (path + half * count) * latentSize);
    });
  }
  return steps;
}

/** Weights of the two ends at a position on the path. */
type Weights = (t: number) => readonly [from: number, to: number];

const line: Weights = (t) => [1 - t, t];

/** The arc between two latents; for parallel ones, the line. */
function arc(from: readonly number[], to: readonly number[]): Weights {
  const product = from.reduce((sum, value, i) => sum + value * to[i]!, 0);
  const cosine = product / (Math.hypot(...from) * Math.hypot(...to));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  // NaN, from a latent of zeros, also selects the line.
  if (!(sine > 1e-4)) return line;
  return (t) => [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}

function squaredSteps(features: ArrayLike<number>, count: number, epsilon: number): number[] {
  const size = features.length / count / 2;
  return Array.from({ length: count }, (_, path) => {
    let sum = 0;
    for (let i = 0; i < size; i += 1) {
      const moved = features[(path + count) * size + i]! - features[path * size + i]!;
      sum += (moved / epsilon) ** 2;
    }
    return sum;
  });
}

function trimmedMean(lengths: readonly number[]): number {
  const sorted = Float64Array.from(lengths).sort();
  const last = sorted.length - 1;
  const [low, high] = [sorted[Math.floor(lowest * last)]!, sorted[Math.ceil(highest * last)]!];
  const kept = sorted.filter((length) => length >= low && length <= high);
  return kept.reduce((sum, length) => sum + length, 0) / kept.length;
}
