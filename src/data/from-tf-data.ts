import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';
import { byteRange, type ValueRange } from '../core/value-range.ts';
import { checkLabel } from './check-labels.ts';
import { checkValues } from './check-values.ts';
import type { Batch, BatchesOptions, Dataset } from './dataset.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { checkSampleShape } from './from-array.ts';
import { checkBatches } from './in-memory.ts';
import { scaling, type Scaling } from './make-dataset.ts';
import { readElement, type StreamElement } from './tf-data-element.ts';

/** Settings of {@link datasetFromTfData}. */
export interface DatasetFromTfDataOptions extends Omit<DatasetOptions, 'labels'> {
  /**
   * How many samples one pass of the stream holds.
   *
   * @defaultValue what the stream says of itself
   */
  readonly size?: number | undefined;
}

/**
 * A dataset fed by a `tf.data` pipeline, for data too large for memory or made on the way.
 *
 * Elements are single samples: a tensor (or nested numbers), or `{ xs, ys }` or `{ samples, labels }` with the class
 * as the second. Give the pipeline **before** `.batch()`: the trainer decides the size of batches.
 *
 * The order is the stream's own: shuffle there (`source.shuffle(1000, 'seed', true)`), the `seed` of a pass is not
 * used. `firstBatch` reads and drops what comes before it.
 *
 * - Memory: elements are disposed as they are read; a batch's tensors belong to whoever takes it.
 *
 * @param source - The pipeline. Each pass asks it for a new iterator.
 * @param options - Shape, classes and scaling.
 * @returns The dataset, once the first element has told its shape.
 * @throws RangeError where the stream is empty, or its elements are not samples of one shape. Later elements are
 *   checked as they come.
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
  const asked = `make the dataset '${name}'`;
  if (typeof (source as Partial<typeof source>).iterator !== 'function') {
    throw new TypeError(
      `Cannot ${asked}: source must be a tf.data.Dataset, got ${formatValue(source)}`,
    );
  }
  const first = await (await source.iterator()).next();
  if (first.done) throw new RangeError(`Cannot ${asked}: the stream must hold a sample, got none`);
  const example = await readElement(asked, first.value, 0);
  const sampleShape = options.sampleShape ?? inferredShape(asked, example.shape);
  checkSampleShape(asked, sampleShape);
  const format: StreamFormat = {
    name,
    sampleShape,
    sampleSize: sampleShape.reduce((product, side) => product * side, 1),
    labelled: example.label !== undefined,
    classes: options.classes,
    inputRange: options.inputRange,
    ...scaling(asked, sampleShape, example.bytes, options),
  };
  checkElement(asked, format, example, 0);
  const size = options.size ?? finite(source.size);
  return {
    name,
    size,
    sampleShape: [...sampleShape],
    classes: format.labelled ? options.classes : undefined,
    batches(batchesOptions) {
      checkBatches(name, size, batchesOptions);
      return pass(source, format, batchesOptions);
    },
  };
}

/** What every element of a stream must agree with. */
interface StreamFormat extends Scaling {
  readonly name: string;
  readonly sampleShape: readonly number[];
  readonly sampleSize: number;
  readonly labelled: boolean;
  readonly classes: number | undefined;
  readonly inputRange: ValueRange | undefined;
}

async function* pass(
  source: tf.data.Dataset<tf.TensorContainer>,
  format: StreamFormat,
  { batchSize, firstBatch = 0 }: BatchesOptions,
): AsyncGenerator<Batch> {
  const { sampleShape, sampleSize, labelled, map } = format;
  const asked = `batch the dataset '${format.name}'`;
  const iterator = await source.iterator();
  let samples = new Float32Array(batchSize * sampleSize);
  let labels = new Int32Array(batchSize);
  let number = 0;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const slot = number % batchSize;
    if (number < firstBatch * batchSize) {
      tf.dispose(next.value);
    } else {
      const element = await readElement(asked, next.value, number);
      checkElement(asked, format, element, number);
      samples.set(map === undefined ? element.values : element.values.map(map), slot * sampleSize);
      labels[slot] = element.label ?? 0;
      if (slot === batchSize - 1) {
        yield {
          samples: tf.tensor(samples, [batchSize, ...sampleShape], 'float32'),
          ...(labelled && { labels: tf.tensor1d(labels, 'int32') }),
        };
        samples = new Float32Array(batchSize * sampleSize);
        labels = new Int32Array(batchSize);
      }
    }
    number += 1;
  }
  if (number < batchSize) {
    throw new RangeError(
      `Cannot ${asked}: batchSize must be at most ${number}, the number of samples in the stream, ` +
        `got ${batchSize}`,
    );
  }
}

function checkElement(
  asked: string,
  format: StreamFormat,
  { values, shape, bytes, label }: StreamElement,
  number: number,
): void {
  const { sampleShape, sampleSize, labelled, classes, inputRange, valueRange } = format;
  if (values.length !== sampleSize) {
    throw new RangeError(
      `Cannot ${asked}: element ${number} must have the shape ${formatShape(sampleShape)}, ` +
        `got ${formatShape(shape)}`,
    );
  }
  if ((label !== undefined) !== labelled) {
    throw new RangeError(
      `Cannot ${asked}: element ${number} must ${labelled ? 'have a label' : 'have no label'}, as the first`,
    );
  }
  const range = inputRange ?? (bytes ? byteRange : valueRange);
  checkValues(asked, values, { sampleShape, range, firstSample: number });
  if (label !== undefined) checkLabel(asked, label, `the label of element ${number}`, classes);
}

function inferredShape(asked: string, shape: readonly number[]): readonly number[] {
  if (shape.length === 1 || shape.length === 3) return shape;
  const cure =
    shape.length === 2
      ? `Pass sampleShape: ${formatShape([...shape, 1])} for greyscale images`
      : 'Leave .batch() out of the pipeline: the trainer makes the batches';
  throw new RangeError(
    `Cannot ${asked}: elements must be vectors [features] or images [height, width, channels], ` +
      `got ${formatShape(shape)}. ${cure}`,
  );
}

/** tf.data says null or Infinity where it does not know. */
function finite(size: number | null): number | undefined {
  return size !== null && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}
