import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { byteRange, type ValueRange } from '../core/value-range.ts';
import { checkLabel } from './check-labels.ts';
import { checkValues } from './check-values.ts';
import type { Batch, BatchesOptions, Dataset } from './dataset.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { checkInferredShape, checkSampleShape } from './from-array.ts';
import { checkBatches } from './in-memory.ts';
import { scaling, type Scaling } from './make-dataset.ts';
import { releaseIterator } from './release-iterator.ts';
import { markStream } from './streams.ts';
import { readElement, type StreamElement } from './tf-data-element.ts';

/**
 * Settings of {@link datasetFromTfData}.
 *
 * @example Say how long a stream is that cannot tell
 * ```ts
 * const source = tf.data.generator(function* () {
 *   for (let i = 0; i < 100; i += 1) yield tf.tensor1d([Math.cos(i), Math.sin(i)]);
 * });
 * const options: DatasetFromTfDataOptions = { name: 'circle', size: 100 };
 * const circle = await datasetFromTfData(source, options);
 * console.log(circle.size); // 100
 * ```
 */
export interface DatasetFromTfDataOptions extends Omit<DatasetOptions, 'labels'> {
  /**
   * How many samples one pass takes from the stream; a positive integer, or `Infinity` if the stream never ends.
   *
   * A finite size divides an endless stream into epochs. Each pass starts a new iterator of the stream.
   *
   * @defaultValue the stream's own `size`; `undefined` if that is `null`
   */
  readonly size?: number | undefined;
}

/**
 * A dataset fed by a `tf.data` pipeline, for data too large for memory or made on the way.
 *
 * Elements are single samples: a tensor (or nested numbers), or `{ xs, ys }` or `{ samples, labels }` with the class
 * as the second. Columns of `tf.data.csv` and pairs of `tf.data.zip` are refused, with the `.map(…)` that makes samples of
 * them. Give the pipeline **before** `.batch()`: the trainer decides the size of batches.
 *
 * The order is the stream's own: shuffle there (`source.shuffle(1000, 'seed', true)`), the `seed` of a pass is not
 * used. `firstBatch` reads and drops what comes before it.
 *
 * - Memory: elements are disposed as they are read; a batch's tensors belong to whoever takes it. Where a pass is
 *   broken off, so is what `shuffle` and `prefetch` have read ahead; elements still on their way, as they arrive. What
 *   the pipeline's own functions hold (an open file, tensors a generator keeps between two elements) stays: `tf.data`
 *   does not tell them that nobody reads on.
 *
 * @param source - The pipeline. Each pass asks it for a new iterator, as does the look at the first element.
 * @param options - Shape, classes and scaling.
 * @returns The dataset, once the first element has told its shape.
 * @throws TypeError where the source is no pipeline; RangeError where the stream is empty, or its elements are not
 *   samples of one shape. Later elements are checked as they come.
 *
 * @example Points from a generator
 * ```ts
 * const source = tf.data.generator(function* () {
 *   for (let i = 0; i < 100; i += 1) yield tf.tensor1d([Math.cos(i), Math.sin(i)]);
 * });
 * const circle = await datasetFromTfData(source);
 * console.log(circle.sampleShape); // [ 2 ]
 * ```
 */
export async function datasetFromTfData(
  source: tf.data.Dataset<tf.TensorContainer>,
  options: DatasetFromTfDataOptions = {},
): Promise<Dataset> {
  const name = options.name ?? 'tf.data';
  const action = `make the dataset '${name}'`;
  if (typeof (source as Partial<typeof source> | null | undefined)?.iterator !== 'function') {
    throw new TypeError(
      `Cannot ${action}: source must be a tf.data.Dataset, got ${formatValue(source)}`,
    );
  }
  if (options.size !== undefined && options.size !== Infinity) {
    checkPositiveInteger(action, 'size', options.size);
  }
  const example = await readFirst(action, source);
  const sampleShape = options.sampleShape ?? inferredShape(action, example.shape);
  checkSampleShape(action, sampleShape);
  const format: StreamFormat = {
    name,
    sampleShape,
    sampleSize: sampleShape.reduce((product, side) => product * side, 1),
    labeled: example.label !== undefined,
    classes: options.classes,
    inputRange: options.inputRange,
    ...scaling(action, sampleShape, example.bytes, options),
  };
  checkElement(action, format, example, 0);
  const size = options.size ?? knownSize(source.size);
  return markStream({
    name,
    size,
    sampleShape: [...sampleShape],
    classes: format.labeled ? options.classes : undefined,
    // Of labels without a number of classes only a batch can tell.
    tensors: format.labeled && options.classes === undefined ? undefined : {},
    batches(batchesOptions) {
      checkBatches(name, size, batchesOptions);
      return pass(source, size, format, batchesOptions);
    },
  });
}

/** What every element of a stream must agree with. */
interface StreamFormat extends Scaling {
  readonly name: string;
  readonly sampleShape: readonly number[];
  readonly sampleSize: number;
  readonly labeled: boolean;
  readonly classes: number | undefined;
  readonly inputRange: ValueRange | undefined;
}

/** The first element, by an iterator of its own: a kept one would hold what it read ahead until the first pass. */
async function readFirst(
  action: string,
  source: tf.data.Dataset<tf.TensorContainer>,
): Promise<StreamElement> {
  const iterator = await source.iterator();
  try {
    const first = await iterator.next();
    if (!first.done) return await readElement(action, first.value, 0);
    throw new RangeError(`Cannot ${action}: the stream must hold a sample, got none`);
  } finally {
    await releaseIterator(iterator);
  }
}

async function* pass(
  source: tf.data.Dataset<tf.TensorContainer>,
  size: number | undefined,
  format: StreamFormat,
  { batchSize, firstBatch = 0 }: BatchesOptions,
): AsyncGenerator<Batch> {
  const { sampleShape, sampleSize, labeled, map } = format;
  const action = `batch the dataset '${format.name}'`;
  const iterator = await source.iterator();
  let samples = new Float32Array(batchSize * sampleSize);
  let labels = new Int32Array(batchSize);
  let number = 0;
  try {
    while (number < (size ?? Infinity)) {
      const next = await iterator.next();
      if (next.done) break;
      const slot = number % batchSize;
      if (number < firstBatch * batchSize) {
        tf.dispose(next.value);
      } else {
        const element = await readElement(action, next.value, number);
        checkElement(action, format, element, number);
        samples.set(
          map === undefined ? element.values : element.values.map(map),
          slot * sampleSize,
        );
        labels[slot] = element.label ?? 0;
        if (slot === batchSize - 1) {
          yield {
            samples: tf.tensor(samples, [batchSize, ...sampleShape], 'float32'),
            ...(labeled && { labels: tf.tensor1d(labels, 'int32') }),
          };
          samples = new Float32Array(batchSize * sampleSize);
          labels = new Int32Array(batchSize);
        }
      }
      number += 1;
    }
  } finally {
    await releaseIterator(iterator);
  }
  if (number < batchSize) {
    throw new RangeError(
      `Cannot ${action}: batchSize must be at most ${number}, the number of samples in the stream, ` +
        `got ${batchSize}`,
    );
  }
}

function checkElement(
  action: string,
  format: StreamFormat,
  { values, shape, bytes, label }: StreamElement,
  number: number,
): void {
  const { sampleShape, sampleSize, labeled, classes, inputRange, valueRange } = format;
  if (values.length !== sampleSize) {
    throw new RangeError(
      `Cannot ${action}: element ${number} must have the shape ${formatShape(sampleShape)}, ` +
        `got ${formatShape(shape)}`,
    );
  }
  if ((label !== undefined) !== labeled) {
    throw new RangeError(
      `Cannot ${action}: element ${number} must ${labeled ? 'have a label' : 'have no label'}, as the first`,
    );
  }
  const range = inputRange ?? (bytes ? byteRange : valueRange);
  checkValues(action, values, { sampleShape, range, firstSample: number });
  if (label !== undefined) checkLabel(action, label, `the label of element ${number}`, classes);
}

function inferredShape(action: string, shape: readonly number[]): readonly number[] {
  checkInferredShape(action, shape);
  if (shape.length === 1 || shape.length === 3) return shape;
  const images = `; for grayscale images pass sampleShape: ${formatShape([...shape, 1])}`;
  const cure =
    'Leave .batch() out of the pipeline: the trainer makes the batches' +
    (shape.length === 2 ? images : '');
  throw new RangeError(
    `Cannot ${action}: elements must be vectors [features] or images [height, width, channels], ` +
      `got ${formatShape(shape)}. ${cure}`,
  );
}

/** The size a stream states, if it can be true: `zip` states 0 for streams of which one does not know its size. */
function knownSize(size: number | null): number | undefined {
  return size === Infinity || (Number.isSafeInteger(size) && size! > 0) ? size! : undefined;
}
