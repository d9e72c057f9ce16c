import type * as tf from '@tensorflow/tfjs';

/**
 * The objectives of the two networks, as two pure functions from logits to a scalar.
 *
 * A loss has no state, draws no samples and updates no weights. The trainer differentiates both
 * functions, so they consist of TensorFlow.js operations; wrap them in `tf.tidy`.
 *
 * - Shapes: `real` and `fake` are the discriminator's outputs, `[batch, 1]` (or
 *   `[batch, height, width, 1]` for a patch discriminator); the result is a scalar to minimize.
 * - Memory: the caller owns the inputs and the result.
 *
 * @example A custom loss
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
  /** Its name in reports and snapshots. */
  readonly name: string;
  /** Its settings, for reports and for comparison with snapshots. */
  readonly settings?: Readonly<Record<string, number | string | boolean>> | undefined;
  /**
   * Requests the real logits in the generator's turn, as relativistic losses require; other losses
   * avoid the cost of that pass.
   */
  readonly usesRealLogits?: true | undefined;
  /**
   * The decision boundary for accuracies: samples with larger outputs count as classified real.
   * `'midpoint'` is midway between the mean outputs for a batch's real and fake samples: for losses
   * that depend only on differences, with which the discriminator's outputs may have any offset.
   *
   * @defaultValue `0`
   */
  readonly decisionBoundary?: number | 'midpoint' | undefined;
  /**
   * Whether the loss accepts several logits for each sample, `[batch, logits]`, such as one for
   * each class; otherwise a trainer refuses such a discriminator.
   */
  readonly multiLogit?: true | undefined;
  /**
   * The loss of the discriminator.
   *
   * @param real - Its outputs for real samples.
   * @param fake - Its outputs for generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar;
  /**
   * The loss of the generator.
   *
   * @param fake - The discriminator's outputs for generated samples.
   * @param real - Its outputs for real samples, if `usesRealLogits` is set.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor, real?: tf.Tensor): tf.Scalar;
}
