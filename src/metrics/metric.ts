import type * as tf from '@tensorflow/tfjs';

/** What a metric answers: a number, or several by name. What is no number in it, a report leaves out. */
export type MetricAnswer = number | Readonly<object>;

/**
 * A number, or several, that compare features of real and of generated samples.
 *
 * The tensors are `[samples, features]` and stay the caller's. {@link frechetDistance}, {@link kernelDistance},
 * {@link precisionRecall} and {@link slicedWasserstein} are metrics as they are.
 *
 * @example One of one's own: how far the means lie apart
 * ```ts
 * const meanDistance: Metric = async (real, fake) => {
 *   const distance = tf.tidy(() => tf.norm(tf.sub(tf.mean(real, 0), tf.mean(fake, 0))));
 *   const [value = 0] = await distance.data();
 *   distance.dispose();
 *   return value;
 * };
 * ```
 */
export type Metric = (real: tf.Tensor2D, fake: tf.Tensor2D) => MetricAnswer | Promise<MetricAnswer>;

/** A number, or several, on what a classifier says of generated samples, such as {@link classifierScore}. */
export type LogitMetric = (fakeLogits: tf.Tensor2D) => MetricAnswer | Promise<MetricAnswer>;
