import type { NamedArray } from '../../core/named-arrays.ts';
import type { DatasetOptions } from '../../data/dataset-options.ts';
import type { ImageGridOptions } from '../../io/image-grid.ts';
import type { PointsOptions } from '../../io/point-plot.ts';
import type { DirectionsOptions } from '../../latent/directions.ts';
import type { Codes } from '../../models/conditions.ts';
import type { GenerateOptions, SampleOptions } from '../../models/generator-options.ts';
import type { LatentPathOptions } from '../../models/latent-path.ts';
import type { EpochInfo, StepInfo } from '../../training/step-info.ts';
import type { TrainOptions } from '../../training/loop/train-options.ts';

/**
 * Samples as plain data that can be sent to a worker: the arguments of `datasetFromArray` in one
 * object.
 *
 * @example 32×32 color images with their classes
 * ```ts
 * const pixels = new Uint8Array(10 * 32 * 32 * 3);
 * const data: RemoteData = { values: pixels, sampleShape: [32, 32, 3], labels: [0, 1, 2, 3, 4, 0, 1, 2, 3, 4] };
 * ```
 */
export interface RemoteData extends DatasetOptions {
  /** All samples, one after another; pixels of image files as bytes. */
  readonly values: Uint8Array | Float32Array | Int32Array;
  /** Shape of one sample: `[height, width, channels]` for images, `[features]` for vectors. */
  readonly sampleShape: readonly number[];
  /**
   * The dtype of batches; integers, such as tokens of a text, are not scaled.
   *
   * @defaultValue `'float32'`
   */
  readonly dtype?: 'float32' | 'int32' | undefined;
}

/**
 * Data for a worker: samples with or without labels, or several sets by the names that the game
 * requires, joined there like datasets by `paired` and `unpaired`.
 *
 * @example Points with a condition of two numbers each
 * ```ts
 * const samples: RemoteData = { values: new Float32Array(2 * 64), sampleShape: [2] };
 * const condition: RemoteData = { values: new Float32Array(2 * 64), sampleShape: [2] };
 * const data: RemoteDataset = { paired: { samples, condition } };
 * ```
 */
export type RemoteDataset =
  | RemoteData
  | {
      /** Sets whose rows belong together; one of them is `samples`. */
      readonly paired: Readonly<Record<'samples', RemoteData> & Record<string, RemoteData>>;
    }
  | {
      /** Sets whose rows do not belong together. */
      readonly unpaired: Readonly<Record<string, RemoteData>>;
    };

/**
 * Settings of {@link RemoteTrainer.fit}: those of `Trainer.fit` that can be sent to another thread.
 *
 * @example Send the data, and follow the loss
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const data: RemoteData = { values: new Float32Array(2 * 1_024), sampleShape: [2] };
 * const onStepEnd = ({ number, losses }: StepInfo): void => console.log(number, losses.generator);
 * const options: RemoteFitOptions = { epochs: 5, batchSize: 32, data, transfer: true, onStepEnd };
 * await trainer.fit(options);
 * ```
 */
export interface RemoteFitOptions extends Omit<TrainOptions, 'callbacks'> {
  /**
   * The real samples, and what belongs to them.
   *
   * @defaultValue the data of the run before; otherwise those that the worker created
   */
  readonly data?: RemoteDataset | undefined;
  /**
   * Transfers the arrays of `data` to the worker instead of copying them; here they are then empty.
   *
   * @defaultValue `false`
   */
  readonly transfer?: boolean | undefined;
  /** Called after each step, in order; a slow page does not slow down training. */
  readonly onStepEnd?: ((step: StepInfo) => void | Promise<void>) | undefined;
  /** Called after the last step of each epoch. */
  readonly onEpochEnd?: ((epoch: EpochInfo) => void | Promise<void>) | undefined;
}

/**
 * One input of a generator as plain data: numbers, lists, or an array with a shape, `[count, …]`; a
 * flat `Float32Array` has one row after another.
 *
 * @example The same image as two kinds of data
 * ```ts
 * const values = new Float32Array(8 * 8);
 * const inputs: RemoteInput[] = [values, { shape: [1, 8, 8, 1], values }];
 * ```
 */
export type RemoteInput =
  number | readonly number[] | readonly (readonly number[])[] | Float32Array | NamedArray | Codes;

/**
 * The inputs from which a generator in a worker creates samples: latents alone, or a value for each
 * input by name.
 *
 * @example The same latents as a zero and as a nine
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const latents = await trainer.latents(1, { seed: 1 });
 * const asked: RemoteInputs[] = [{ latents, labels: 0 }, { latents, labels: 9 }];
 * const [zero, nine] = await Promise.all(asked.map((inputs) => trainer.generate(inputs)));
 * ```
 */
export type RemoteInputs = Float32Array | NamedArray | Readonly<Record<string, RemoteInput>>;

/**
 * Which generator to use, and with which weights.
 *
 * @example One of the two generators of a game
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const [, second] = Object.keys(trainer.generators);
 * const options: RemoteGeneratorOptions = { generator: second, averaged: false };
 * const artifacts = await trainer.generatorArtifacts(options);
 * ```
 */
export interface RemoteGeneratorOptions extends GenerateOptions {
  /**
   * Its name in {@link RemoteTrainer.generators}.
   *
   * @defaultValue the first one of the game
   */
  readonly generator?: string | undefined;
}

/**
 * Settings of {@link RemoteTrainer.generate}: generator, weights, and a value for each condition.
 *
 * @example All of class 3
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const options: RemoteGenerateOptions = { labels: 3 };
 * const threes = await trainer.generate(await trainer.latents(4), options);
 * ```
 */
export interface RemoteGenerateOptions extends RemoteGeneratorOptions {
  /** Classes, one for all samples or one for each. */
  readonly labels?: number | readonly number[] | undefined;
  /** Conditions of several numbers, one for all samples or one for each. */
  readonly condition?: Exclude<RemoteInput, number | Codes> | undefined;
  /** Codes of an InfoGAN. */
  readonly codes?: Codes | undefined;
}

/**
 * Settings of {@link RemoteTrainer.sample}: seed, a value for each condition, generator and
 * weights.
 *
 * @example Ten threes, the same each time
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const options: RemoteSampleOptions = { labels: 3, seed: 7 };
 * const threes = await trainer.sample(10, options);
 * ```
 */
export interface RemoteSampleOptions extends SampleOptions, RemoteGenerateOptions {}

/**
 * Settings of {@link RemoteTrainer.interpolate}: number of steps, path, a value for each condition.
 *
 * @example From class 3 to class 8 with the same latents
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const options: RemoteInterpolateOptions = { steps: 5, labels: [3, 8] };
 * const strip = await trainer.interpolate(1, 1, options);
 * ```
 */
export interface RemoteInterpolateOptions extends LatentPathOptions, RemoteGenerateOptions {}

/**
 * Settings of {@link RemoteTrainer.directions}: those of `directions` that can be sent to another
 * thread, classes or codes, and the generator.
 *
 * @example Eight directions for the digit 3
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const options: RemoteDirectionsOptions = { labels: 3, count: 8 };
 * const found = await trainer.directions(options);
 * ```
 */
export interface RemoteDirectionsOptions
  extends
    Omit<DirectionsOptions, 'features'>,
    Pick<RemoteGenerateOptions, 'generator' | 'labels' | 'codes'> {}

/**
 * Settings of {@link RemoteTrainer.draw}: layout, seed, a value for each condition, generator and
 * weights.
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
export interface DrawOptions extends ImageGridOptions, RemoteSampleOptions {}

/**
 * Settings of {@link RemoteTrainer.drawPoints}: the part of the plane, size and colors, seed, a
 * value for each condition, generator and weights.
 *
 * @example No real points, and always the same part of the plane
 * ```ts no-run
 * const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
 * const trainer = await connectTrainer(worker);
 * const options: DrawPointsOptions = { seed: 7, real: 0, range: { x: [-1.5, 1.5], y: [-1.5, 1.5] } };
 * const { data, width, height } = await trainer.drawPoints(1000, options);
 * ```
 */
export interface DrawPointsOptions extends Omit<PointsOptions, 'real'>, RemoteSampleOptions {
  /**
   * Number of points of the worker's data under the generated ones; 0 for none.
   *
   * @defaultValue `1000`; none if the worker has no data
   */
  readonly real?: number | undefined;
}

/**
 * An image in the format of a canvas: `new ImageData(data, width, height)`.
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
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Red, green, blue and opacity of each pixel, 0…255, from the top row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}
