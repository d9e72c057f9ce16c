import type * as tf from '@tensorflow/tfjs';

/**
 * What the two networks want, as two pure functions from logits to a scalar.
 *
 * A loss samples nothing, moves nothing and remembers nothing. Both functions are differentiated by the trainer, so
 * they are made of TensorFlow.js operations; wrap them in `tf.tidy`.
 *
 * - Shapes: `real` and `fake` are the discriminator's answers, `[batch, 1]` (or `[batch, height, width, 1]` from a
 *   discriminator that judges patches); the result is a scalar, to be made small.
 * - Memory: the inputs stay the caller's; the result is the caller's.
 *
 * @example A loss of one's own
 * ```ts
 * const softplusLoss: Loss = {
 *   name: 'softplus',
 *   discriminator: (real, fake) =>
 *     tf.tidy(() => tf.mean(tf.softplus(tf.neg(real))).add(tf.mean(tf.softplus(fake))).asScalar()),
 *   generator: (fake) => tf.tidy(() => tf.mean(tf.softplus(tf.neg(fake))).asScalar()),
 * };
 * const gan = createDcgan({ imageShape: [28, 28, 1], loss: softplusLoss });
 * ```
 */
export interface Loss {
  /** What it is called, for reports and snapshots. */
  readonly name: string;
  /** Its settings, for reports and to tell whether a snapshot fits. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /** Asks for the real logits in the generator's turn, as relativistic losses need; others do not pay for that pass. */
  readonly usesRealLogits?: true | undefined;
  /**
   * The answer above which a sample counts as judged real, for the accuracies. `'midpoint'` is the one half-way between the mean
   * answers to a batch's real samples and to its fakes: for losses that know differences only, under which a discriminator may
   * put its zero anywhere.
   *
   * @defaultValue `0`
   */
  readonly decisionBoundary?: number | 'midpoint' | undefined;
  /**
   * Takes a discriminator that answers several logits for each sample, `[batch, logits]`, such as one for each class;
   * with other losses a trainer refuses it.
   */
  readonly multiLogit?: true | undefined;
  /**
   * What the discriminator wants to be small.
   *
   * @param real - Its answers to real samples.
   * @param fake - Its answers to generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar;
  /**
   * What the generator wants to be small.
   *
   * @param fake - The discriminator's answers to generated samples.
   * @param real - Its answers to real samples, where `usesRealLogits` is set.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor, real?: tf.Tensor): tf.Scalar;
}
