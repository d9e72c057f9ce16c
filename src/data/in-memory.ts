import * as tf from '@tensorflow/tfjs';
import { checkNonNegativeInteger, checkPositiveInteger } from '../core/checks.ts';
import { Random } from '../core/random.ts';
import type { ValueRange } from '../core/value-range.ts';
import type { Batch, BatchesOptions, Dataset } from './dataset.ts';

/**
 * A {@link Dataset} whose samples are in memory: the result of all factories except
 * {@link datasetFromTfData}.
 *
 * The samples are plain JavaScript arrays, so there is nothing to dispose; tensors are created
 * batch by batch, on the current backend.
 *
 * @example Keep the last 10,000 samples for validation
 * ```ts
 * const mnist = await loadMnist();
 * const training = mnist.slice(0, 50_000);
 * const validation = mnist.slice(50_000);
 * ```
 */
export interface InMemoryDataset extends Dataset {
  readonly size: number;
  /** The range of the values; `undefined` if it is unknown. */
  readonly valueRange?: ValueRange | undefined;
  /**
   * The samples from `start` up to, but not including, `end`, in their stored order. Nothing is
   * copied.
   *
   * Negative positions count from the end, as in `Array.prototype.slice`.
   *
   * @param start - Position of the first sample.
   * @param end - Position after the last sample; the end of the dataset by default.
   * @returns A new dataset.
   * @throws RangeError if no sample is left.
   */
  slice(start: number, end?: number): InMemoryDataset;
}

/** Checked input of {@link inMemoryDataset}. @internal */
export interface InMemoryContent {
  readonly name: string;
  readonly size: number;
  readonly sampleShape: readonly number[];
  /** All samples, one after the other. */
  readonly values: Float32Array | Uint8Array | Uint8ClampedArray;
  /** The meaning of a stored value. */
  readonly map?: ((value: number) => number) | undefined;
  readonly labels?: Int32Array | undefined;
  readonly classes?: number | undefined;
  readonly valueRange?: ValueRange | undefined;
}

/** @internal */
export function inMemoryDataset(content: InMemoryContent): InMemoryDataset {
  const { name, size, sampleShape, values, labels, classes, valueRange } = content;
  const sampleSize = sampleShape.reduce((product, side) => product * side, 1);
  const batchOf = batchMaker(content);

  async function* pass(options: BatchesOptions): AsyncGenerator<Batch> {
    for (const indices of batchIndices(size, options)) yield batchOf(indices);
  }

  return {
    name,
    size,
    sampleShape: [...sampleShape],
    classes,
    classCounts: labels && classes !== undefined ? countLabels(labels, classes) : undefined,
    tensors: {},
    valueRange,
    batches(options) {
      checkBatches(name, size, options);
      return pass(options);
    },
    slice(start, end = size) {
      const [from, to] = sliceBounds(name, size, start, end);
      return inMemoryDataset({
        ...content,
        size: to - from,
        values: values.subarray(from * sampleSize, to * sampleSize),
        labels: labels?.subarray(from, to),
      });
    },
  };
}

/**
 * Makes batches of some samples, by their positions.
 *
 * @internal
 */
export function batchMaker(content: InMemoryContent): (indices: Uint32Array) => Batch {
  const { sampleShape, labels } = content;
  const sampleSize = sampleShape.reduce((product, side) => product * side, 1);
  const copy = copier(content);
  return (indices) => {
    const batch = new Float32Array(indices.length * sampleSize);
    indices.forEach((index, i) => {
      copy(index * sampleSize, batch, i * sampleSize, sampleSize);
    });
    const samples = tf.tensor(batch, [indices.length, ...sampleShape], 'float32');
    if (labels === undefined) return { samples };
    const given = Int32Array.from(indices, (index) => labels[index] ?? 0);
    return { samples, labels: tf.tensor1d(given, 'int32') };
  };
}

/** Which samples each batch of a pass holds. @internal */
export function* batchIndices(
  size: number,
  { batchSize, seed, firstBatch = 0 }: BatchesOptions,
): Generator<Uint32Array, void> {
  const order = seed === undefined ? undefined : new Random(seed).permutation(size);
  for (let start = firstBatch * batchSize; start + batchSize <= size; start += batchSize) {
    yield (
      order?.slice(start, start + batchSize) ??
      Uint32Array.from({ length: batchSize }, (_, i) => start + i)
    );
  }
}

/** How many samples each class has. @internal */
export function countLabels(labels: Int32Array, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]! += 1;
  return counts;
}

/** Checks the options of a pass through `size` samples. @internal */
export function checkBatches(
  name: string,
  size: number | undefined,
  { batchSize, seed, firstBatch = 0 }: BatchesOptions,
): void {
  const action = `batch the dataset '${name}'`;
  checkPositiveInteger(action, 'batchSize', batchSize);
  checkNonNegativeInteger(action, 'firstBatch', firstBatch);
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot ${action}: seed must be an integer, got ${String(seed)}`);
  }
  if (size !== undefined && batchSize > size) {
    throw new RangeError(
      `Cannot ${action}: batchSize must be at most ${size}, the number of its samples, got ${batchSize}`,
    );
  }
}

type Copy = (from: number, target: Float32Array, to: number, count: number) => void;

/** How one sample is copied into a batch: bytes through a table of 256 values. */
function copier({ values, map }: InMemoryContent): Copy {
  if (values instanceof Float32Array) {
    if (map === undefined) {
      return (from, target, to, count) => {
        target.set(values.subarray(from, from + count), to);
      };
    }
    return (from, target, to, count) => {
      for (let i = 0; i < count; i += 1) target[to + i] = map(values[from + i] ?? 0);
    };
  }
  const meaning = Float32Array.from({ length: 256 }, (_, byte) => map?.(byte) ?? byte);
  return (from, target, to, count) => {
    for (let i = 0; i < count; i += 1) target[to + i] = meaning[values[from + i] ?? 0] ?? 0;
  };
}

/** The positions of the first sample of a slice and of the one after its last. @internal */
export function sliceBounds(
  name: string,
  size: number,
  start: number,
  end: number,
): readonly [from: number, to: number] {
  const from = position(name, 'start', start, size);
  const to = position(name, 'end', end, size);
  if (from < to) return [from, to];
  throw new RangeError(
    `Cannot slice the dataset '${name}': start and end must leave at least one of its ` +
      `${size} samples, got ${start} and ${end}`,
  );
}

function position(name: string, word: string, value: number, size: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(
      `Cannot slice the dataset '${name}': ${word} must be an integer, got ${String(value)}`,
    );
  }
  return Math.max(0, Math.min(size, value < 0 ? size + value : value));
}
