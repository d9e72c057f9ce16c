import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { eventLoopTurn } from '../core/event-loop.ts';
import { formatShape } from '../core/format.ts';
import { checkGivenTensor } from '../core/given-tensor.ts';
import { deriveSeed } from '../core/random.ts';
import { checkTakes, type FeatureExtractor } from '../metrics/features/feature-extractor.ts';
import type { Generator } from '../models/generator.ts';
import type { ConditionsOf, GeneratorInputs } from '../models/generator-inputs.ts';
import { adam } from '../optimizers/adam.ts';
import { conditionOptions, latentInput } from './own-options.ts';
import { featuresOf } from './sample-features.ts';

/**
 * Settings of {@link invert}.
 *
 * @example Compare features of digits as well as pixels
 * ```ts
 * const digits = createDcgan({ imageShape: [28, 28, 1], baseFilters: 4, latentSize: 8, seed: 1 }).generator;
 * const images = digits.sample(1, { seed: 3 });
 * const options: InvertOptions = { features: mnistFeatures(), steps: 5, restarts: 2 };
 * const found = await invert(digits, images, options);
 * tf.dispose([images, found.inputs, found.samples]);
 * ```
 */
export interface InvertOptions {
  /**
   * Adds the squared distance of these features, divided by the squared length of the image's own,
   * to what is minimized.
   *
   * @defaultValue none: values alone
   */
  readonly features?: FeatureExtractor | undefined;
  /**
   * Updates of the latents.
   *
   * @defaultValue `300`
   */
  readonly steps?: number | undefined;
  /**
   * Searches for each image, from different latents, of which the best one is returned.
   *
   * @defaultValue `4`
   */
  readonly restarts?: number | undefined;
  /**
   * Largest step of Adam, which grows to it over the first twentieth of the steps and falls to 0
   * over the last quarter.
   *
   * @defaultValue `0.1`
   */
  readonly learningRate?: number | undefined;
  /**
   * Determines where the searches start, and conditions that are left out.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

const names: readonly string[] = ['features', 'steps', 'restarts', 'learningRate', 'seed'];

/**
 * What {@link invert} found. The caller disposes `inputs` and `samples`.
 *
 * @example Halfway between two images
 * ```ts
 * const images = generator.sample(2, { seed: 1 });
 * const found: Inversion = await invert(generator, images, { steps: 3, restarts: 1 });
 * const [from, to] = tf.unstack(found.inputs['latents']!) as [tf.Tensor1D, tf.Tensor1D];
 * const strip = generator.interpolate(from, to, { steps: 3 });
 * tf.dispose([images, found.inputs, found.samples, from, to, strip]);
 * ```
 */
export interface Inversion {
  /** Latents and conditions by the names of the generator's inputs, for `generator.generate`. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  /** What the generator outputs for them, `[batch, ...outputShape]`. */
  readonly samples: tf.Tensor;
  /** `[batch]`: mean absolute difference of values between each image and its sample. */
  readonly distances: Float32Array;
}

/** Candidates for each start. */
const candidatesEach = 8;
/** Searches in one pass of the network. */
const searchesAtOnce = 128;
/** Strength of the pull to where normal latents lie. */
const shellWeight = 0.01;

/**
 * Finds latents whose samples are most like given images (projection), to edit or interpolate
 * images that were not generated.
 *
 * Of random latents the best are improved by Adam through the frozen generator. For normal latents
 * it minimizes
 *
 *     mean((x − G(z))²) + 0.01 · (‖z‖² / latentSize − 1)²
 *
 * where the second term keeps them near the sphere on which latents lie; uniform ones are kept in
 * −1…1. A generator can only generate what it has learned: `distances` measures how close it came.
 *
 * @param generator - The generator; its weights are not changed.
 * @param images - `[batch, ...outputShape]`, in the range of its samples; the caller keeps owning
 *   them.
 * @param options - Features, steps, restarts, seed, and conditions of the images, such as
 * `{ labels: [3, 8] }`. One that is left out is chosen among random ones.
 * @returns Latents and conditions, their samples, and how far these are from the images.
 * @throws RangeError if the images have another shape, or a value is out of range.
 * @throws TypeError if `images` is not a tensor, or an option is unknown.
 *
 * @example Latents of a generated image
 * ```ts
 * const images = generator.sample(1, { seed: 5 });
 * const found = await invert(generator, images, { steps: 20, restarts: 2 });
 * console.log(found.distances[0]! < 0.1); // true
 * tf.dispose([images, found.inputs, found.samples]);
 * ```
 *
 * @see Lipton and Tripathi, Precise Recovery of Latent Vectors from Generative Adversarial
 * Networks, 2017. {@link https://arxiv.org/abs/1702.04782}
 * @see Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, appendix D.
 *   {@link https://arxiv.org/abs/1912.04958}
 */
export async function invert<I extends GeneratorInputs = GeneratorInputs>(
  generator: Generator<I>,
  images: tf.Tensor,
  options: InvertOptions & ConditionsOf<I> = {},
): Promise<Inversion> {
  const action = 'invert images';
  const plain = generator as unknown as Generator;
  const given = conditionOptions(action, plain, options, names);
  const { features, steps = 300, restarts = 4, learningRate = 0.1, seed = 0 } = options;
  checkPositiveInteger(action, 'steps', steps);
  checkPositiveInteger(action, 'restarts', restarts);
  checkPositive(action, 'learningRate', learningRate);
  checkSeed(action, seed);
  latentInput(action, plain);
  checkImages(action, generator.outputShape, images);
  if (features !== undefined) checkTakes(action, features, generator.outputShape);
  const count = images.shape[0];
  const fixed = tf.tidy(() => {
    const drawn = plain.drawInputs(action, count, { ...given, seed });
    return Object.fromEntries(Object.keys(given).map((name) => [name, drawn[name]!]));
  });
  const found: Inversion[] = [];
  const atOnce = Math.max(1, Math.floor(searchesAtOnce / restarts));
  try {
    for (let first = 0; first < count; first += atOnce) {
      const size = Math.min(atOnce, count - first);
      const part = tf.tidy(() => ({
        images: tf.slice(images, first, size),
        fixed: mapped(fixed, (tensor) => tf.slice(tensor, first, size)),
      }));
      const settings = { steps, restarts, learningRate, features, seed: deriveSeed(seed, first) };
      try {
        found.push(await search(action, plain, part, settings));
      } finally {
        tf.dispose(part);
      }
    }
    return joined(found);
  } finally {
    tf.dispose([fixed, found.map(({ inputs, samples }) => [inputs, samples])]);
  }
}

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** Images, and the conditions that are known of them. */
interface Targets {
  readonly images: tf.Tensor;
  readonly fixed: Inputs;
}

interface Settings extends Pick<InvertOptions, 'features'> {
  readonly steps: number;
  readonly restarts: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** Several searches for each image, in one batch; the result is the best of each. */
async function search(
  action: string,
  generator: Generator,
  { images, fixed }: Targets,
  { features, steps, restarts, learningRate, seed }: Settings,
): Promise<Inversion> {
  const name = latentInput(action, generator);
  const { latentDistribution, latentSize } = generator;
  const count = images.shape[0];
  const tables = (samples: tf.Tensor): readonly tf.Tensor2D[] =>
    [undefined, ...(features === undefined ? [] : [features])].map((by) =>
      featuresOf(action, generator, samples, by),
    );
  const wanted = tf.tidy(() => [...tables(images)]);
  /** How unlike the images samples are, `[rows]`: `each` of them in turn for one image. */
  const unlike = (samples: tf.Tensor, each: number): tf.Tensor1D =>
    tf.tidy(() => {
      const [real, made] = [wanted.map((table) => repeated(table, each)), tables(samples)];
      const values = tf.mean<tf.Tensor1D>(tf.squaredDifference(real[0]!, made[0]!), 1);
      if (features === undefined) return values;
      const apart = tf.sum(tf.squaredDifference(real[1]!, made[1]!), 1);
      const length = tf.maximum(tf.sum(tf.square(real[1]!), 1), 1e-12);
      return tf.add(values, tf.div(apart, length));
    });
  const owned: tf.Tensor[][] = [wanted];
  /** The latents, then the moments of the optimizer. */
  let state: tf.Tensor[] = [];
  const pull = (latents: tf.Tensor): tf.Tensor | number =>
    latentDistribution === 'uniform'
      ? 0
      : tf.mul(
          shellWeight,
          tf.square(tf.sub(tf.div(tf.sum(tf.square(latents), 1), latentSize), 1)),
        );

  try {
    const candidates = restarts * candidatesEach;
    const drawn = tf.tidy(() => {
      const conditions = mapped(fixed, (tensor) => repeated(tensor, candidates));
      return generator.drawInputs(action, count * candidates, { ...conditions, seed });
    });
    owned.push(Object.values(drawn));
    const starts = await bestOf(drawn, candidates, restarts, () =>
      unlike(generator.generate(drawn), candidates),
    );
    owned.push(Object.values(starts));

    const optimizer = adam({ learningRate, beta1: 0.9 });
    const slope = tf.grad((latents: tf.Tensor) => {
      const samples = generator.generate({ ...starts, [name]: latents });
      return tf.sum(tf.add(unlike(samples, restarts), pull(latents)));
    });
    state = [starts[name]!.clone(), ...optimizer.slots.map(() => tf.zerosLike(starts[name]!))];
    for (let step = 1; step <= steps; step += 1) {
      const [value, ...slots] = state as [tf.Tensor, ...tf.Tensor[]];
      state = tf.tidy(() => {
        const updated = optimizer.update({
          value,
          slots,
          step,
          gradient: slope(value),
          learningRate: learningRate * rampAt((step - 0.5) / steps),
          progress: { step, update: step, samples: 0 },
        });
        const isUniform = latentDistribution === 'uniform';
        const next = isUniform ? tf.clipByValue(updated.value, -1, 1) : updated.value;
        return [next, ...updated.slots];
      });
      tf.dispose([value, slots]);
      await eventLoopTurn();
    }
    const ends: Inputs = { ...starts, [name]: state[0]! };
    const samples = generator.generate(ends);
    owned.push([samples]);
    const best = await bestOf({ ...ends, samples }, restarts, 1, () => unlike(samples, restarts));
    const { samples: chosen, ...inputs } = best as Inputs & { readonly samples: tf.Tensor };
    try {
      return { inputs, samples: chosen, distances: await distancesOf(images, chosen) };
    } catch (error) {
      tf.dispose(best);
      throw error;
    }
  } finally {
    tf.dispose([owned, state]);
  }
}

/** Mean absolute differences between images and samples. */
async function distancesOf(images: tf.Tensor, samples: tf.Tensor): Promise<Float32Array> {
  const apart = tf.tidy(() => {
    const values = tf.abs(tf.sub(images, samples));
    return tf.mean(tf.reshape(values, [images.shape[0], -1]), 1);
  });
  return Float32Array.from(await valuesOf(apart));
}

/** The values of a tensor, which is disposed. */
async function valuesOf(tensor: tf.Tensor): Promise<ArrayLike<number>> {
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
}

/** The share of the learning rate at a share of the steps. */
function rampAt(share: number): number {
  const falling = 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, (1 - share) / 0.25));
  return Math.min(1, share / 0.05) * falling;
}

/**
 * The rows with the smallest values among those of each image.
 *
 * @param rows - All rows.
 * @param each - Rows of one image, one after another.
 * @param kept - How many of them to keep.
 * @param values - A value of each row.
 */
async function bestOf(
  rows: Inputs,
  each: number,
  kept: number,
  values: () => tf.Tensor1D,
): Promise<Inputs> {
  const all = await valuesOf(tf.tidy(values));
  const chosen: number[] = [];
  for (let first = 0; first < all.length; first += each) {
    const places = Array.from({ length: each }, (_, i) => first + i);
    chosen.push(...places.sort((a, b) => all[a]! - all[b]!).slice(0, kept));
  }
  return tf.tidy(() => {
    const places = tf.tensor1d(chosen, 'int32');
    return mapped(rows, (one) => tf.gather(one, places));
  });
}

/** Each row several times, one after another. */
function repeated<T extends tf.Tensor>(rows: T, times: number): T {
  const places = Array.from({ length: rows.shape[0] * times }, (_, i) => Math.floor(i / times));
  return tf.gather(rows, tf.tensor1d(places, 'int32'));
}

function mapped(
  tensors: Inputs,
  change: (tensor: tf.Tensor) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, one]) => [name, change(one)]));
}

/** The results of all images, which are copied. */
function joined(parts: readonly Inversion[]): Inversion {
  const [first] = parts as readonly [Inversion, ...Inversion[]];
  return {
    inputs: Object.fromEntries(
      Object.keys(first.inputs).map((name) => [
        name,
        tf.concat(
          parts.map(({ inputs }) => inputs[name]!),
          0,
        ),
      ]),
    ),
    samples: tf.concat(
      parts.map(({ samples }) => samples),
      0,
    ),
    distances: Float32Array.from(parts.flatMap(({ distances }) => [...distances])),
  };
}

function checkImages(action: string, shape: readonly number[], images: tf.Tensor): void {
  checkGivenTensor(action, 'images', images);
  const [count = 0, ...sample] = images.shape;
  if (count > 0 && String(sample) === String(shape)) return;
  throw new RangeError(
    `Cannot ${action}: images must have the shape [batch, ${shape.join(', ')}], got ${formatShape(images.shape)}`,
  );
}
