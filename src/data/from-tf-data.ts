import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { byteRange, type ValueRange } from '../core/value-range.ts';
import { checkLabel } from './check-labels.ts';
import { checkValues } from './check-values.ts';
import type { Batch, BatchesOptions, Dataset } from './dataset.ts';
import { checkDatasetOptions } from './check-dataset-options.ts';
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
 * @example Set the size of a stream that does not know it
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
   * Number of samples in one pass; a positive integer, or `Infinity` if the stream never ends.
   *
   * A finite size divides an endless stream into epochs. Each pass starts a new iterator of the
   * stream.
   *
   * @defaultValue the stream's own `size`; `undefined` if that is `null`
   */
  readonly size?: number | undefined;
}

/**
 * Creates a dataset from a `tf.data` pipeline, for data that do not fit into memory or are
 * generated.
 *
 * Elements are single samples: a tensor (or nested numbers), or `{ xs, ys }` or
 * `{ samples, labels }` with the class as the second. Columns of `tf.data.csv` and pairs of
 * `tf.data.zip` are refused; the error contains the `.map(…)` that converts them to samples. Pass
 * the pipeline **before** `.batch()`: the trainer determines the batch size.
 *
 * The stream determines the order: shuffle there (`source.shuffle(1000, 'seed', true)`); the `seed`
 * of a pass is not used. `firstBatch` reads and drops the elements before it.
 *
 * - Memory: elements are disposed after they are read; the receiver of a batch disposes its
 *   tensors. If a pass is interrupted, elements that `shuffle` and `prefetch` have read ahead are
 *   disposed as well, and pending ones when they arrive. Resources of the pipeline's own functions
 *   (an open file, tensors that a generator keeps between two elements) are not released: `tf.data`
 *   does not notify them.
 *
 * @param source - The pipeline. Each pass, and the check of the first element, requests a new
 * iterator.
 * @param options - Shape, classes and scaling.
 * @returns The dataset, when the first element has been read for its shape.
 * @throws TypeError if the source is not a pipeline; RangeError if the stream is empty, or its
 * elements are not samples of one shape. Later elements are checked when they are read.
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
  const { name, action } = checkDatasetOptions(options, 'tf.data', ['labels'], ['size']);
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
    // Unknown for labels without a number of classes.
    tensors: format.labeled && options.classes === undefined ? undefined : {},
    batches(batchesOptions) {
      checkBatches(name, size, batchesOptions);
      return pass(source, size, format, batchesOptions);
    },
  });
}

/** Properties that all elements of a stream share. */
interface StreamFormat extends Scaling {
  readonly name: string;
  readonly sampleShape: readonly number[];
  readonly sampleSize: number;
  readonly labeled: boolean;
  readonly classes: number | undefined;
  readonly inputRange: ValueRange | undefined;
}

/**
 * The first element, read by a separate iterator: keeping one would keep what it read ahead until
 * the first pass.
 */
async function readFirst(
  action: string,
  source: tf.data.Dataset<tf.TensorContainer>,
): Promise<StreamElement> {
  const iterator = await source.iterator();
  try {
    const first = await iterator.next();
    if (!first.done) return await readElement(action, first.value, 0);
    throw new RangeError(`Cannot ${action}: the stream must have a sample, got none`);
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
    'Leave .batch() out of the pipeline: the trainer creates the batches' +
    (shape.length === 2 ? images : '');
  throw new RangeError(
    `Cannot ${action}: elements must be vectors [features] or images [height, width, channels], ` +
      `got ${formatShape(shape)}. ${cure}`,
  );
}

/**
 * The size that a stream states, if it can be true: `zip` states 0 if one of its streams does not
 * know its size.
 */
function knownSize(size: number | null): number | undefined {
  return size === Infinity || (Number.isSafeInteger(size) && size! > 0) ? size! : undefined;
}
