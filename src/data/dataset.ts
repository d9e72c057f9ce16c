import type * as tf from '@tensorflow/tfjs';

/**
 * Some samples of a {@link Dataset}, ready for training. Whoever takes a batch disposes its tensors.
 *
 * @example Look through a pass
 * ```ts
 * const pass: AsyncIterable<Batch> = ring8({ size: 100 }).batches({ batchSize: 50 });
 * for await (const { samples, labels } of pass) {
 *   console.log(samples.shape, labels?.shape); // [ 50, 2 ] [ 50 ]
 *   tf.dispose({ samples, labels });
 * }
 * ```
 */
export interface Batch {
  /** The samples, `[batch, ...sampleShape]`. */
  readonly samples: tf.Tensor;
  /** The class of each sample, `[batch]`, int32, where the dataset has labels. */
  readonly labels?: tf.Tensor1D | undefined;
  /** Whatever else belongs to the samples, row by row, under the names that a game asks for. */
  readonly [name: string]: tf.Tensor | undefined;
}

/**
 * Which batches to give: one pass through the data, or the rest of one.
 *
 * @example The last two of ten batches, in the order that seed 3 gives
 * ```ts
 * const options: BatchesOptions = { batchSize: 10, seed: 3, firstBatch: 8 };
 * let count = 0;
 * for await (const batch of ring8({ size: 100 }).batches(options)) {
 *   count += 1;
 *   tf.dispose({ ...batch });
 * }
 * console.log(count); // 2
 * ```
 */
export interface BatchesOptions {
  /** Samples in a batch; a positive integer. What is left over at the end of the pass is not given. */
  readonly batchSize: number;
  /**
   * Decides the order. The same seed gives the same batches; without one the samples come in their stored order.
   *
   * @defaultValue `undefined`
   */
  readonly seed?: number | undefined;
  /**
   * Number of the first batch to give, so that a pass can go on where it was interrupted.
   *
   * @defaultValue `0`
   */
  readonly firstBatch?: number | undefined;
}

/**
 * Samples that can be walked again and again.
 *
 * A dataset holds no position: `batches` answers the same for the same options, so a trainer that knows the seed of
 * the pass and the number of the batch can go on exactly where it stopped.
 *
 * @example A dataset of one's own
 * ```ts
 * const noise: Dataset = {
 *   name: 'noise',
 *   size: 256,
 *   sampleShape: [2],
 *   async *batches({ batchSize, seed = 0, firstBatch = 0 }) {
 *     for (let i = firstBatch; (i + 1) * batchSize <= 256; i += 1) {
 *       yield { samples: tf.randomNormal([batchSize, 2], 0, 1, 'float32', seed + i) };
 *     }
 *   },
 * };
 * ```
 */
export interface Dataset {
  /** What the samples are, for messages and reports. */
  readonly name: string;
  /** How many samples one pass holds; `undefined` if only a pass can tell, `Infinity` if a pass never ends. */
  readonly size: number | undefined;
  /** Shape of one sample: `[height, width, channels]` for images, `[features]` for vectors. */
  readonly sampleShape: readonly number[];
  /** How many classes the labels name, where there are labels. */
  readonly classes?: number | undefined;
  /** How many samples each class has, if that is known; a run of a conditional GAN begins with a look at it. */
  readonly classCounts?: readonly number[] | undefined;
  /**
   * Shape of one row of each further tensor of a batch, by name; none for a dataset of samples and labels. Where it is left
   * out, only a batch can tell.
   */
  readonly tensors?: Readonly<Record<string, readonly number[]>> | undefined;
  /**
   * One pass through the samples.
   *
   * @param options - Batch size, order, and where to begin.
   * @returns The batches; the caller disposes each one's tensors.
   */
  batches(options: BatchesOptions): AsyncIterable<Batch>;
}
