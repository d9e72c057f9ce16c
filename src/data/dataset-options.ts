import type { ValueRange } from '../core/value-range.ts';

/**
 * Options that all dataset factories share.
 *
 * @example Two images with pixels of 0…1, and their classes
 * ```ts
 * const options: DatasetOptions = { sampleShape: [2, 2, 1], inputRange: [0, 1], labels: [0, 1] };
 * const pixels = new Float32Array([0, 0.25, 0.75, 1, 1, 0.75, 0.25, 0]);
 * const ramps = datasetFromArray(pixels, { ...options, name: 'ramps' });
 * console.log(ramps.size, ramps.classes, ramps.valueRange); // 2 2 [ -1, 1 ]
 * ```
 */
export interface DatasetOptions {
  /**
   * Name of the dataset in messages and reports.
   *
   * @defaultValue the source of the samples: `'array'`, `'tensor'`, `'MNIST'`, …
   */
  readonly name?: string | undefined;
  /**
   * Shape of one sample: `[height, width, channels]` for images, `[features]` for vectors.
   *
   * @defaultValue the shape of the samples
   */
  readonly sampleShape?: readonly number[] | undefined;
  /** The class of each sample, counted from 0. */
  readonly labels?: ArrayLike<number> | undefined;
  /**
   * How many classes there are.
   *
   * @defaultValue the highest label + 1
   */
  readonly classes?: number | undefined;
  /**
   * The range of the values in a batch. Images must lie in it; other samples only if it is set.
   *
   * Use `[0, 1]` for a generator that ends in a sigmoid.
   *
   * @defaultValue `[-1, 1]` for images, the range of tanh
   */
  readonly valueRange?: ValueRange | undefined;
  /**
   * The range of the given values, which are scaled linearly from it to `valueRange`.
   *
   * @defaultValue `[0, 255]` for bytes; other numbers are not scaled
   */
  readonly inputRange?: ValueRange | undefined;
}
