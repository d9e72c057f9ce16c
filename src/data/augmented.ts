import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, isRecord, withDefaults } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { deriveSeed, Random } from '../core/random.ts';
import type { Batch, BatchesOptions, Dataset } from './dataset.ts';
import { checkBatches } from './in-memory.ts';
import { rangeOf } from './join.ts';
import { isStream, markStream } from './streams.ts';

/**
 * Settings of {@link augmented}.
 *
 * @example Photographs of 72 × 72, of which the network sees 64 × 64
 * ```ts
 * const photos = datasetFromArray(new Uint8Array(10 * 72 * 72 * 3), { sampleShape: [72, 72, 3] });
 * const options: AugmentOptions = { flip: true, crop: [64, 64] };
 * console.log(augmented(photos, options).sampleShape); // [ 64, 64, 3 ]
 * ```
 */
export interface AugmentOptions {
  /**
   * Whether to flip half of the images horizontally. Not for letters, digits, or other images with
   * a handedness.
   *
   * @defaultValue `false`
   */
  readonly flip?: boolean | undefined;
  /**
   * Size of the random crop, `[height, width]`.
   *
   * @defaultValue the whole image
   */
  readonly crop?: readonly [height: number, width: number] | undefined;
}

/**
 * Augments the images of a dataset by random horizontal flips and random crops.
 *
 * All images of a row, such as those of {@link paired}, are flipped and cropped alike. An image of
 * another size than `samples`, such as the low-resolution input of super-resolution, is cropped at
 * the same relative position.
 *
 * - Order: augmentation depends on the seed of the pass and the batch index, so a resumed run
 *   repeats it. Without a seed, as in evaluation, nothing is flipped, and the crop is centered.
 * - Memory: a batch is copied; the batch of `dataset` is disposed.
 *
 * @param dataset - Images `[height, width, channels]`. Other tensors, such as vectors, are
 *   unchanged.
 * @param options - Which augmentations.
 * @returns The dataset, of the same size, with the shape of the crop.
 * @throws TypeError if `dataset` is not a dataset, or an option is unknown.
 * @throws RangeError if the samples are not images, no augmentation is set, or the crop does not
 *   fit into each image of a row.
 *
 * @example A picture and its outline, cut alike
 * ```ts
 * const pictures = datasetFromArray(new Uint8Array(8 * 20 * 20 * 3), { sampleShape: [20, 20, 3] });
 * const outlines = datasetFromArray(new Uint8Array(8 * 20 * 20), { sampleShape: [20, 20, 1] });
 * const pairs = augmented(paired({ samples: pictures, source: outlines }), { flip: true, crop: [16, 16] });
 * for await (const { samples, source } of pairs.batches({ batchSize: 4, seed: 1 })) {
 *   console.log(samples.shape, source?.shape);
 *   tf.dispose({ samples, source });
 * }
 * ```
 *
 * @see Isola et al. 2017 (pix2pix), section 6.2, "random jitter".
 */
export function augmented(dataset: Dataset, options: AugmentOptions): Dataset {
  if (!isRecord(dataset) || typeof dataset.batches !== 'function') {
    throw new TypeError(
      `Cannot augment: dataset must be a Dataset, got ${formatValue(dataset)}. ` +
        'If it is a promise, wait for it: await imageFolder(…)',
    );
  }
  const action = `augment the dataset '${dataset.name}'`;
  const { flip, crop } = withDefaults(action, options, { flip: false, crop: undefined });
  checkOneOf(action, 'flip', flip, [true, false]);
  const { sampleShape } = dataset;
  if (sampleShape.length !== 3) {
    throw new RangeError(
      `Cannot ${action}: samples must be images [height, width, channels], got ${formatShape(sampleShape)}`,
    );
  }
  if (!flip && crop === undefined) {
    throw new RangeError(`Cannot ${action}: flip or crop must be set, got neither`);
  }
  const [height = 0, width = 0, channels = 0] = sampleShape;
  const part = crop === undefined ? { height, width } : checkCrop(action, crop);
  const shapes = { samples: sampleShape, ...dataset.tensors };
  const plan = planOf(action, { flip, part }, shapes);
  const result: Dataset = {
    name: `augmented(${dataset.name})`,
    size: dataset.size,
    sampleShape: [part.height, part.width, channels],
    classes: dataset.classes,
    classCounts: dataset.classCounts,
    tensors: dataset.tensors && cutShapes(dataset.tensors, plan),
    ...rangeOf(dataset),
    batches(pass) {
      checkBatches(result.name, result.size, pass);
      return augmentedPass(action, dataset, plan, pass);
    },
  };
  return isStream(dataset) ? markStream(result) : result;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** The augmentations of each row. */
interface Plan {
  readonly flip: boolean;
  /** Size of the samples. */
  readonly whole: Size;
  /** Size of the crop. */
  readonly part: Size;
  /** Stride of crop positions, so that they are whole pixels in every image of the row. */
  readonly step: Size;
}

/** Random values of one row. */
interface Draw {
  readonly top: number;
  readonly left: number;
  readonly isFlipped: boolean;
}

function checkCrop(action: string, crop: readonly [number, number]): Size {
  if (!Array.isArray(crop) || crop.length !== 2) {
    throw new RangeError(
      `Cannot ${action}: crop must be [height, width], got ${formatValue(crop)}`,
    );
  }
  const [height, width] = crop as readonly [number, number];
  checkPositiveInteger(action, 'height of crop', height);
  checkPositiveInteger(action, 'width of crop', width);
  return { height, width };
}

function planOf(
  action: string,
  { flip, part }: Pick<Plan, 'flip' | 'part'>,
  shapes: Readonly<Record<string, readonly number[]>>,
): Plan {
  const images = Object.entries(shapes).filter(([, shape]) => shape.length === 3);
  const [height = 0, width = 0] = shapes['samples'] ?? [];
  if (part.height > height || part.width > width) {
    throw new RangeError(
      `Cannot ${action}: crop must fit into the samples of ${height}×${width}, got ${part.height}×${part.width}`,
    );
  }
  for (const [name, [ownHeight = 0, ownWidth = 0]] of images) {
    const rows = (part.height * ownHeight) / height;
    const columns = (part.width * ownWidth) / width;
    if (Number.isInteger(rows) && Number.isInteger(columns)) continue;
    throw new RangeError(
      `Cannot ${action}: crop must be whole pixels of ${name} too, got ${part.height}×${part.width} of ${height}×${width}, ` +
        `which is ${rows}×${columns} of ${ownHeight}×${ownWidth}`,
    );
  }
  const step = {
    height: commonStep(
      height,
      images.map(([, shape]) => shape[0] ?? 1),
    ),
    width: commonStep(
      width,
      images.map(([, shape]) => shape[1] ?? 1),
    ),
  };
  return { flip, whole: { height, width }, part, step };
}

/** The smallest stride along a side that is whole pixels in every other image. */
function commonStep(side: number, others: readonly number[]): number {
  return others
    .map((other) => side / divisor(side, other))
    .reduce((step, next) => (step * next) / divisor(step, next), 1);
}

/** The greatest common divisor. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

function cutShapes(
  shapes: Readonly<Record<string, readonly number[]>>,
  plan: Plan,
): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const [height = 0, width = 0, ...channels] = shape;
      if (shape.length !== 3) return [name, shape];
      const { part, whole } = plan;
      return [
        name,
        [(part.height * height) / whole.height, (part.width * width) / whole.width, ...channels],
      ];
    }),
  );
}

async function* augmentedPass(
  action: string,
  dataset: Dataset,
  plan: Plan,
  options: BatchesOptions,
): AsyncGenerator<Batch, void> {
  const { seed } = options;
  let number = options.firstBatch ?? 0;
  for await (const batch of dataset.batches(options)) {
    const random =
      seed === undefined ? undefined : new Random(deriveSeed(seed, 'augmented', number));
    number += 1;
    const draws = Array.from({ length: batch.samples.shape[0] ?? 0 }, () => drawOf(plan, random));
    yield augmentBatch(action, batch, plan, draws);
  }
}

function drawOf({ flip, whole, part, step }: Plan, random: Random | undefined): Draw {
  const place = (room: number, apart: number): number => {
    const places = Math.floor(room / apart) + 1;
    return apart * (random?.integer(places) ?? Math.floor((places - 1) / 2));
  };
  // Every row draws all values, so one option does not change the random values of another.
  const isMirrored = random?.integer(2) === 1;
  return {
    top: place(whole.height - part.height, step.height),
    left: place(whole.width - part.width, step.width),
    isFlipped: flip && isMirrored,
  };
}

/** An independent batch; the original batch is always disposed. */
function augmentBatch(action: string, batch: Batch, plan: Plan, draws: readonly Draw[]): Batch {
  // One tensor may have two names, and keeps them.
  const cut = new Map<tf.Tensor, tf.Tensor>();
  try {
    for (const [name, tensor] of Object.entries(batch)) {
      if (tensor === undefined || cut.has(tensor)) continue;
      const isImages = tensor.rank === 4;
      cut.set(tensor, isImages ? cutRows(action, name, tensor, plan, draws) : tensor.clone());
    }
  } catch (error) {
    tf.dispose([...cut.values()]);
    throw error;
  } finally {
    tf.dispose({ ...batch });
  }
  const entries = Object.entries(batch).map(([name, tensor]) => [name, tensor && cut.get(tensor)]);
  return Object.fromEntries(entries) as Batch;
}

function cutRows(
  action: string,
  name: string,
  images: tf.Tensor,
  { whole, part }: Plan,
  draws: readonly Draw[],
): tf.Tensor {
  const [rows = 0, height = 0, width = 0, channels = 0] = images.shape;
  const scale = { down: height / whole.height, across: width / whole.width };
  const size = [part.height * scale.down, part.width * scale.across];
  if (rows !== draws.length || !size.every(Number.isInteger)) {
    throw new RangeError(
      `Cannot ${action}: ${name} must have images of a size that crop is whole pixels of, got ${formatShape(images.shape)}`,
    );
  }
  return tf.tidy(() =>
    tf.concat(
      draws.map(({ top, left, isFlipped }, i) => {
        const begin = [i, top * scale.down, left * scale.across, 0];
        const row = tf.slice(images, begin, [1, ...size, channels]);
        return isFlipped ? tf.reverse(row, 2) : row;
      }),
      0,
    ),
  );
}
