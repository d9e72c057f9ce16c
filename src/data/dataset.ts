import type * as tf from '@tensorflow/tfjs';

/**
 * Some samples of a {@link Dataset}, ready for training. The receiver of a batch disposes its
 * tensors.
 *
 * @example Iterate over a pass
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
  /** The class of each sample, `[batch]`, int32, if the dataset has labels. */
  readonly labels?: tf.Tensor1D | undefined;
  /** Further tensors, row by row, under the names that a game requires. */
  readonly [name: string]: tf.Tensor | undefined;
}

/**
 * Which batches to return: one pass through the data, or the rest of one.
 *
 * @example The last two of ten batches, in the order of seed 3
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
  /** Batch size; a positive integer. An incomplete last batch is dropped. */
  readonly batchSize: number;
  /**
   * Determines the order. The same seed gives the same batches; without one the samples keep their
   * stored order.
   *
   * @defaultValue `undefined`
   */
  readonly seed?: number | undefined;
  /**
   * Number of the first batch to return, so that an interrupted pass can continue.
   *
   * @defaultValue `0`
   */
  readonly firstBatch?: number | undefined;
  /**
   * Names of the tensors that the receiver uses. A dataset may leave out others, and return what
   * suits these: a `TableDataset` draws rows for conditions only if `condition` is used. Joined
   * datasets (`paired`, `unpaired`), whose names differ from those of their parts, do not pass it on.
   *
   * @defaultValue all
   */
  readonly tensors?: readonly string[] | undefined;
}

/**
 * Samples that can be iterated repeatedly.
 *
 * A dataset has no position: `batches` returns the same for the same options, so a trainer that
 * knows the seed of the pass and the number of the batch can continue exactly.
 *
 * @example A custom dataset
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
  /** Name in messages and reports. */
  readonly name: string;
  /**
   * Number of samples in one pass; `undefined` if only a pass can tell, `Infinity` if a pass never
   * ends.
   */
  readonly size: number | undefined;
  /** Shape of one sample: `[height, width, channels]` for images, `[features]` for vectors. */
  readonly sampleShape: readonly number[];
  /** Number of classes, if there are labels. */
  readonly classes?: number | undefined;
  /** Number of samples of each class, if known; checked when a conditional GAN starts training. */
  readonly classCounts?: readonly number[] | undefined;
  /**
   * Shape of one row of each further tensor of a batch, by name; none for a dataset of samples and
   * labels. If it is left out, the first batch is checked instead.
   */
  readonly tensors?: Readonly<Record<string, readonly number[]>> | undefined;
  /**
   * One pass through the samples.
   *
   * @param options - Batch size, order, and first batch.
   * @returns The batches; the caller disposes each one's tensors.
   */
  batches(options: BatchesOptions): AsyncIterable<Batch>;
}
