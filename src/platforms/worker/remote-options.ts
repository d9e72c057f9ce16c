import type { DatasetOptions } from '../../data/dataset-options.ts';
import type { ImageGridOptions } from '../../io/image-grid.ts';
import type { SampleOptions } from '../../models/generator-options.ts';
import type { EpochInfo, StepInfo } from '../../training/step-info.ts';
import type { TrainOptions } from '../../training/loop/train-options.ts';

/**
 * Samples as plain data, which can go to a worker: what `datasetFromArray` takes, in one object.
 *
 * @example Pictures of 32×32 in color
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

/**
 * Settings of {@link RemoteTrainer.fit}: those of `Trainer.fit`, with what can cross threads.
 *
 * @example Bring the data along, and follow the loss
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const data: RemoteData = { values: new Float32Array(2 * 1_024), sampleShape: [2] };
 * const onStepEnd = ({ number, losses }: StepInfo): void => console.log(number, losses.generator);
 * const options: RemoteFitOptions = { epochs: 5, batchSize: 32, data, onStepEnd };
 * await trainer.fit(options);
 * ```
 */
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

/**
 * Settings of {@link RemoteTrainer.draw}: the layout, the seed, and which weights.
 *
 * @example The same latents with and without the averaged weights
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const options: DrawOptions = { seed: 7, columns: 4, scale: 2 };
 * const averaged = await trainer.draw(16, options);
 * const last = await trainer.draw(16, { ...options, averaged: false });
 * ```
 */
export interface DrawOptions extends ImageGridOptions, SampleOptions {}

/**
 * A picture as a canvas takes it: `new ImageData(data, width, height)`.
 *
 * @example Samples as a PNG to download
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const { data, width, height }: DrawnPicture = await trainer.draw(64);
 * const canvas = new OffscreenCanvas(width, height);
 * canvas.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
 * const png = await canvas.convertToBlob();
 * ```
 */
export interface DrawnPicture {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Red, green, blue and opacity of each pixel, 0…255, the rows from the top. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}
