import * as tf from '@tensorflow/tfjs';
import type { Discriminator } from '../models/discriminator.ts';

/**
 * The samples that {@link discriminatorAccuracy} shows to a discriminator, each set `[batch, ...inputShape]`.
 *
 * @example With real samples that were kept aside
 * ```ts
 * const fake = generator.sample(96, { seed: 1 });
 * const sets: DiscriminatorSets = { real: images.slice(0, 96), fake, heldOut: images.slice(96) };
 * const { heldOut } = await discriminatorAccuracy(discriminator, sets);
 * tf.dispose([sets.real, sets.fake, sets.heldOut!]);
 * ```
 */
export interface DiscriminatorSets {
  /** Samples it was trained on. */
  readonly real: JudgedSet;
  /** Samples of its generator. */
  readonly fake: JudgedSet;
  /** Real samples it never saw. */
  readonly heldOut?: JudgedSet | undefined;
}

/**
 * Samples; or samples with the conditions that the discriminator is given, by the names of its inputs.
 *
 * @example Samples of a class, for a discriminator of ten classes
 * ```ts
 * const { generator, discriminator } = createMlpGan({ sampleShape: [2], classes: 10 });
 * const labels = tf.fill([64], 3, 'int32') as tf.Tensor1D;
 * const threes: JudgedSet = { samples: generator.sample(64, { labels, seed: 1 }), labels };
 * const { fake } = await discriminatorAccuracy(discriminator, { real: threes, fake: threes });
 * ```
 */
export type JudgedSet =
  tf.Tensor | Readonly<Record<'samples', tf.Tensor> & Record<string, tf.Tensor>>;

/**
 * What {@link discriminatorAccuracy} answers: shares judged right, 0…1.
 *
 * @example Whether it knows its samples by heart
 * ```ts
 * const fake = generator.sample(64, { seed: 1 });
 * const heldOut = tf.randomUniform([128, 8, 8, 1], -1, 1, 'float32', 2);
 * const answer: DiscriminatorAccuracy = await discriminatorAccuracy(discriminator, { real: images, fake, heldOut });
 * console.log((answer.gap ?? 0) > 0.3 ? 'take more data' : 'go on'); // go on
 * ```
 */
export interface DiscriminatorAccuracy {
  /** Of the real samples it was trained on: logits above 0. */
  readonly real: number;
  /** Of the fakes: logits below 0. */
  readonly fake: number;
  /** Of the held-out real samples; `undefined` where there were none. */
  readonly heldOut: number | undefined;
  /** `real` less `heldOut`: how much it has learned by heart. `undefined` where nothing was held out. */
  readonly gap: number | undefined;
}

const samplesAtOnce = 256;

/**
 * How well a discriminator tells real samples from fakes, and whether it has learned the real ones by heart.
 *
 * All at 0.5 is the game's end in theory. Real samples far above held-out ones mean that it knows its training set and no
 * longer teaches; take more data, augmentation or a smaller network. The border is a logit of 0, which is that of the
 * cross-entropy, hinge and least-squares losses; a Wasserstein critic has none.
 *
 * - Memory: the samples stay the caller's; 256 are judged at a time.
 *
 * @param discriminator - Which discriminator.
 * @param sets - Real samples, fakes, and held-out samples.
 * @returns The shares it judged right.
 * @throws RangeError where samples have another shape than it takes.
 *
 * @example After training
 * ```ts
 * const sets = { real: images, fake: generator.sample(128, { seed: 1 }) };
 * const { real, fake } = await discriminatorAccuracy(discriminator, sets);
 * ```
 */
export async function discriminatorAccuracy(
  discriminator: Discriminator<string>,
  sets: DiscriminatorSets,
): Promise<DiscriminatorAccuracy> {
  const isReal = (logit: number): boolean => logit > 0;
  const isFake = (logit: number): boolean => logit < 0;
  const real = await share(discriminator, sets.real, isReal);
  const fake = await share(discriminator, sets.fake, isFake);
  if (sets.heldOut === undefined) return { real, fake, heldOut: undefined, gap: undefined };
  const heldOut = await share(discriminator, sets.heldOut, isReal);
  return { real, fake, heldOut, gap: real - heldOut };
}

/** Share of logits that are right; a discriminator of patches gives several for each sample. */
async function share(
  discriminator: Discriminator<string>,
  set: JudgedSet,
  isRight: (logit: number) => boolean,
): Promise<number> {
  const { samples, ...conditions } = set instanceof tf.Tensor ? { samples: set } : set;
  const count = samples.shape[0] ?? 0;
  if (count === 0) {
    throw new RangeError(
      'Cannot judge a discriminator: each set must hold at least one sample, got none',
    );
  }
  let [right, total] = [0, 0];
  for (let first = 0; first < count; first += samplesAtOnce) {
    const logits = tf.tidy(() => {
      const rows = (tensor: tf.Tensor): tf.Tensor =>
        tf.slice(tensor, first, Math.min(samplesAtOnce, count - first));
      const some = Object.entries(conditions).map(
        ([name, tensor]) => [name, rows(tensor)] as const,
      );
      return discriminator.logits(rows(samples), Object.fromEntries(some));
    });
    const values = await logits.data();
    logits.dispose();
    for (const value of values) {
      if (Number.isNaN(value)) {
        throw new RangeError(
          'Cannot judge a discriminator: its logits must be numbers, got NaN. Are the samples finite?',
        );
      }
      if (isRight(value)) right += 1;
    }
    total += values.length;
  }
  return right / total;
}
