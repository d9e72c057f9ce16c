import type { ValueRange } from '../core/value-range.ts';

/**
 * What may be said about the samples, by the same words in every maker of datasets.
 *
 * @example Two images whose pixels come as 0…1, with their classes
 * ```ts
 * const options: DatasetOptions = { sampleShape: [2, 2, 1], inputRange: [0, 1], labels: [0, 1] };
 * const pixels = new Float32Array([0, 0.25, 0.75, 1, 1, 0.75, 0.25, 0]);
 * const ramps = datasetFromArray(pixels, { ...options, name: 'ramps' });
 * console.log(ramps.size, ramps.classes, ramps.valueRange); // 2 2 [ -1, 1 ]
 * ```
 */
export interface DatasetOptions {
  /**
   * What the samples are, for messages and reports.
   *
   * @defaultValue where the samples come from: `'array'`, `'tensor'`, `'MNIST'`, …
   */
  readonly name?: string | undefined;
  /**
   * Shape of one sample: `[height, width, channels]` for images, `[features]` for vectors.
   *
   * @defaultValue the shape the samples have
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
   * The range of the values a batch gives. Images must lie in it; other samples only where it is stated.
   *
   * Take `[0, 1]` for a generator that ends in a sigmoid.
   *
   * @defaultValue `[-1, 1]` for images, what tanh gives
   */
  readonly valueRange?: ValueRange | undefined;
  /**
   * The range of the values as they come. They are scaled linearly from it to `valueRange`.
   *
   * @defaultValue `[0, 255]` for bytes; other numbers are not scaled
   */
  readonly inputRange?: ValueRange | undefined;
}
