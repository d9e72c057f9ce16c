import type * as tf from '@tensorflow/tfjs';

/**
 * The result of a metric: a number, or several by name. Reports leave out values that are not
 * numbers.
 *
 * @example Several numbers at once, each a separate figure in a report
 * ```ts
 * const reach = async (_: tf.Tensor2D, fake: tf.Tensor2D): Promise<MetricAnswer> => {
 *   const values = await fake.data();
 *   return { least: Math.min(...values), greatest: Math.max(...values) };
 * };
 * const points = tf.tensor2d([[1, 2], [3, 4]]);
 * console.log(await reach(points, points)); // { least: 1, greatest: 4 }
 * ```
 */
export type MetricAnswer = number | Readonly<object>;

/**
 * A number, or several, that compare features of real and of generated samples.
 *
 * The tensors are `[samples, features]`; the caller keeps owning them. {@link frechetDistance},
 * {@link kernelDistance}, {@link precisionRecall} and {@link slicedWasserstein} are metrics.
 *
 * @example A custom metric: the distance between the means
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

/**
 * A number, or several, from a classifier's logits of generated samples, such as
 * {@link classifierScore}.
 *
 * @example The share of samples that a classifier labels as seven
 * ```ts
 * const sevens: LogitMetric = async (logits) => {
 *   const rows = await logits.array();
 *   return rows.filter((row) => row.indexOf(Math.max(...row)) === 7).length / rows.length;
 * };
 * console.log(await sevens(tf.oneHot([7, 1, 7, 7], 10).toFloat() as tf.Tensor2D)); // 0.75
 * ```
 */
export type LogitMetric = (fakeLogits: tf.Tensor2D) => MetricAnswer | Promise<MetricAnswer>;
