import type { DatasetOptions } from '../../data/dataset-options.ts';
import type { ImageGridOptions } from '../../io/image-grid.ts';
import type { SampleOptions } from '../../models/generator-options.ts';
import type { EpochInfo, StepInfo } from '../../training/step-info.ts';
import type { TrainOptions } from '../../training/train-options.ts';

/**
 * Samples as plain data, which can go to a worker: what `datasetFromArray` takes, in one object.
 *
 * @example Pictures of 32×32 in colour
 * ```ts
 * const pixels = new Uint8Array(10 * 32 * 32 * 3);
 * const data: RemoteData = { values: pixels, sampleShape: [32, 32, 3] };
 * ```
 */
export interface RemoteData extends DatasetOptions {
  /** All samples, one after another; pixels of files as bytes. They are copied. */
  readonly values: Uint8Array | Float32Array;
  /** Shape of one sample: `[height, width, channels]` for images, `[features]` for vectors. */
  readonly sampleShape: readonly number[];
}

/** Settings of {@link RemoteTrainer.fit}: those of `Trainer.fit`, with what can cross threads. */
export interface RemoteFitOptions extends Omit<TrainOptions, 'callbacks'> {
  /**
   * The real samples.
   *
   * @defaultValue those of the run before; those that the worker made
   */
  readonly data?: RemoteData | undefined;
  /** Called after each step, in order; a page that is slow to answer does not hold training back. */
  readonly onStepEnd?: ((step: StepInfo) => void | Promise<void>) | undefined;
  /** Called after the last step of each epoch. */
  readonly onEpochEnd?: ((epoch: EpochInfo) => void | Promise<void>) | undefined;
}

/** Settings of {@link RemoteTrainer.draw}: the layout, the seed, and which weights. */
export interface DrawOptions extends ImageGridOptions, SampleOptions {}

/** A picture as a canvas takes it: `new ImageData(data, width, height)`. */
export interface DrawnPicture {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Red, green, blue and opacity of each pixel, 0…255, the rows from the top. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}
