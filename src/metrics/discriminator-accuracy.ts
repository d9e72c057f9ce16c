import * as tf from '@tensorflow/tfjs';
import type { Discriminator } from '../models/discriminator.ts';

/**
 * The samples that {@link discriminatorAccuracy} passes to a discriminator, each set
 * `[batch, ...inputShape]`.
 *
 * @example With held-out real samples
 * ```ts
 * const fake = generator.sample(96, { seed: 1 });
 * const sets: DiscriminatorSets = { real: images.slice(0, 96), fake, heldOut: images.slice(96) };
 * const { heldOut } = await discriminatorAccuracy(discriminator, sets);
 * tf.dispose([sets.real, sets.fake, sets.heldOut!]);
 * ```
 */
export interface DiscriminatorSets {
  /** Real samples it was trained on. */
  readonly real: JudgedSet;
  /** Samples of its generator. */
  readonly fake: JudgedSet;
  /** Held-out real samples. */
  readonly heldOut?: JudgedSet | undefined;
}

/**
 * Samples; or samples with the discriminator's conditions, by the names of its inputs.
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
 * The result of {@link discriminatorAccuracy}: accuracies, 0…1.
 *
 * @example Check whether it memorizes its samples
 * ```ts
 * const fake = generator.sample(64, { seed: 1 });
 * const heldOut = tf.randomUniform([128, 8, 8, 1], -1, 1, 'float32', 2);
 * const accuracy: DiscriminatorAccuracy = await discriminatorAccuracy(discriminator, { real: images, fake, heldOut });
 * console.log((accuracy.gap ?? 0) > 0.3 ? 'use more data' : 'continue'); // continue
 * ```
 */
export interface DiscriminatorAccuracy {
  /** For the real samples it was trained on: share of logits above 0. */
  readonly real: number;
  /** For fake samples: share of logits below 0. */
  readonly fake: number;
  /** For held-out real samples; `undefined` if there are none. */
  readonly heldOut: number | undefined;
  /**
   * `real` minus `heldOut`: a measure of memorization. `undefined` if there are no held-out
   * samples.
   */
  readonly gap: number | undefined;
}

const samplesAtOnce = 256;

/**
 * Accuracy of a discriminator on real and fake samples, and its gap between training and held-out
 * samples.
 *
 * All three are 0.5 at the theoretical optimum. An accuracy on real samples far above that on
 * held-out ones means that the discriminator memorizes its training set and no longer helps the
 * generator; use more data, augmentation or a smaller network. The decision boundary is a logit of
 * 0, as for the cross-entropy, hinge and least-squares losses; a Wasserstein critic has none.
 *
 * - Memory: the caller keeps owning the samples; 256 are computed at a time.
 *
 * @param discriminator - The discriminator.
 * @param sets - Real samples, fake samples, and held-out samples.
 * @returns The accuracies.
 * @throws RangeError if samples have another shape than its input.
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

/** Share of correct logits; a patch discriminator returns several for each sample. */
async function share(
  discriminator: Discriminator<string>,
  set: JudgedSet,
  isRight: (logit: number) => boolean,
): Promise<number> {
  const { samples, ...conditions } = set instanceof tf.Tensor ? { samples: set } : set;
  const count = samples.shape[0] ?? 0;
  if (count === 0) {
    throw new RangeError(
      'Cannot judge a discriminator: each set must have at least one sample, got none',
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
