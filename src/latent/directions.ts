import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositive, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { deriveSeed } from '../core/random.ts';
import { checkTakes, type FeatureExtractor } from '../metrics/features/feature-extractor.ts';
import type { Generator } from '../models/generator.ts';
import type { ConditionsOf, GeneratorInputs } from '../models/generator-inputs.ts';
import { ganspaceAxes } from './ganspace-axes.ts';
import { conditionOptions, latentInput } from './own-options.ts';
import { featuresOf } from './sample-features.ts';
import { sefaAxes } from './sefa-axes.ts';

/**
 * Settings of {@link directions}.
 *
 * @example Three directions, compared by the features of digits
 * ```ts
 * const { generator } = createDcgan({ imageShape: [28, 28, 1], baseFilters: 4, latentSize: 8, seed: 1 });
 * const options: DirectionsOptions = { count: 3, features: mnistFeatures(), draws: 8 };
 * const found = await directions(generator, options);
 * console.log(found.length); // 3
 * ```
 */
export interface DirectionsOptions {
  /**
   * `'sefa'` reads them off the weights of the first layer; `'ganspace'` are the principal
   * components of its activations.
   *
   * @defaultValue `'sefa'`
   */
  readonly method?: 'sefa' | 'ganspace' | undefined;
  /**
   * Number of directions, at most that of latents.
   *
   * @defaultValue `8`, or the number of latents
   */
  readonly count?: number | undefined;
  /**
   * Draws whose activations `'ganspace'` decomposes: more than there are latents. Its time grows
   * with the cube of the smaller one of draws and activations.
   *
   * @defaultValue `600`, or four times the number of latents
   */
  readonly samples?: number | undefined;
  /**
   * What the effect is measured by.
   *
   * @defaultValue the values of the samples
   */
  readonly features?: FeatureExtractor | undefined;
  /**
   * How far each draw is moved, forward and back, to measure the effect.
   *
   * @defaultValue `2`
   */
  readonly reach?: number | undefined;
  /**
   * Draws that are moved to measure the effect.
   *
   * @defaultValue `32`
   */
  readonly draws?: number | undefined;
  /**
   * Determines all draws, and conditions that are left out.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

const names: readonly string[] = [
  ...['method', 'count', 'samples', 'features', 'reach', 'draws', 'seed'],
];

/**
 * A direction in latent space along which samples change much.
 *
 * @example Move latents along it
 * ```ts
 * const [first]: Direction[] = await directions(generator, { count: 1 });
 * const latents = generator.latents(4, { seed: 1 });
 * const moved = tf.add(latents, tf.mul(first!.vector, 2));
 * console.log(moved.shape); // [ 4, 8 ]
 * tf.dispose([latents, moved]);
 * ```
 */
export interface Direction {
  /** `latentSize` numbers of length 1; the largest one is positive. */
  readonly vector: Float32Array;
  /**
   * Share of the weights' squares, or of the activations' variance, that lies in it; all directions
   * together have 1.
   */
  readonly share: number;
  /**
   * Mean root-mean-square difference of features between `latents + reach · vector` and
   * `latents − reach · vector`.
   */
  readonly effect: number;
}

/**
 * Finds directions in latent space that change samples most, without labels or training: sliders
 * for a page.
 *
 * SeFa: the kernel A of the first layer, each of its outputs scaled to length 1; the directions are
 * the eigenvectors of AAᵀ with the largest eigenvalues. GANSpace: the principal components of the
 * values after the first activation; each is regressed on the latents by least squares. Of either,
 * the first `count` are tried on samples and sorted by their measured effect.
 *
 * @param generator - The generator, whose latents go to a dense layer; it may be concatenated with
 *   conditions.
 * @param options - Method, number of directions, how to measure their effect, and a value for each
 * condition, such as `{ labels: 3 }`.
 * @returns The directions, the one with the largest effect first; by GANSpace at most as many as
 *   there are outputs of the first layer that vary. No tensors are left behind.
 * @throws RangeError if the latents go to another kind of layer or have no effect on it, or a value
 *   is out of range.
 * @throws TypeError if an option is unknown.
 *
 * @example The three strongest directions
 * ```ts
 * const found = await directions(generator, { count: 3, seed: 1 });
 * const effects = found.map(({ effect }) => effect);
 * console.log(effects[0]! >= effects[2]!); // true
 * ```
 *
 * @see Shen and Zhou, Closed-Form Factorization of Latent Semantics in GANs, 2021, section 3.
 *   {@link https://arxiv.org/abs/2007.06600}
 * @see Härkönen et al., GANSpace: Discovering Interpretable GAN Controls, 2020, section 2.
 *   {@link https://arxiv.org/abs/2004.02546}
 */
export async function directions<I extends GeneratorInputs = GeneratorInputs>(
  generator: Generator<I>,
  options: DirectionsOptions & ConditionsOf<I> = {},
): Promise<Direction[]> {
  const action = 'find directions';
  const plain = generator as unknown as Generator;
  const given = conditionOptions(action, plain, options, names);
  const { latentSize, outputShape } = generator;
  const { method = 'sefa', count = Math.min(8, latentSize), features, seed = 0 } = options;
  const { samples = Math.max(600, 4 * latentSize), reach = 2, draws = 32 } = options;
  checkOneOf(action, 'method', method, ['sefa', 'ganspace']);
  checkPositiveInteger(action, 'count', count);
  checkPositiveInteger(action, 'samples', samples);
  checkPositiveInteger(action, 'draws', draws);
  checkPositive(action, 'reach', reach);
  checkSeed(action, seed);
  if (count > latentSize) {
    throw new RangeError(
      `Cannot ${action}: count must be at most the number of latents, ${latentSize}, got ${count}`,
    );
  }
  if (features !== undefined) checkTakes(action, features, outputShape);
  const axes =
    method === 'sefa'
      ? await sefaAxes(action, plain, count)
      : await ganspaceAxes(action, plain, {
          count,
          samples,
          seed: deriveSeed(seed, 'axes'),
          given,
        });
  const found: Direction[] = [];
  const moving = { draws, reach, seed: deriveSeed(seed, 'effect'), given, features };
  for (const { vector, share } of axes) {
    found.push({ vector, share, effect: await effectOf(action, plain, vector, moving) });
  }
  return found.sort((a, b) => b.effect - a.effect);
}

interface Moving {
  readonly draws: number;
  readonly reach: number;
  readonly seed: number;
  /** Values of conditions. */
  readonly given: object;
  readonly features: FeatureExtractor | undefined;
}

/** How far apart the features of draws are that are moved forward and back. */
async function effectOf(
  action: string,
  generator: Generator,
  vector: Float32Array,
  { draws, reach, seed, given, features }: Moving,
): Promise<number> {
  const name = latentInput(action, generator);
  const apart = tf.tidy(() => {
    const inputs = generator.drawInputs(action, draws, { ...given, seed });
    const [ahead, back] = [reach, -reach].map((length) => {
      const moved = tf.add(inputs[name]!, tf.mul(vector, length));
      const samples = generator.generate({ ...inputs, [name]: moved });
      return featuresOf(action, generator, samples, features);
    });
    return tf.mean(tf.sqrt(tf.mean(tf.squaredDifference(ahead!, back!), 1)));
  });
  const [effect] = await apart.data();
  apart.dispose();
  return effect!;
}
