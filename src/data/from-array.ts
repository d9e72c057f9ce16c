import { formatShape } from '../core/format.ts';
import { checkPositiveInteger } from '../core/checks.ts';
import { checkDatasetOptions } from './check-dataset-options.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { flatten, type NestedNumbers } from './flatten.ts';
import type { InMemoryDataset } from './in-memory.ts';
import { makeDataset } from './make-dataset.ts';

/**
 * Creates a dataset from JavaScript numbers.
 *
 * Put pixels of image files into a `Uint8Array`: they stay bytes in memory, and each batch is
 * scaled to `valueRange`. Other numbers are used as they are, unless `inputRange` is set.
 *
 * - Memory: a typed array is kept, not copied, so do not modify it. Nothing needs to be disposed.
 *
 * @param values - All samples: a flat typed array (which requires `sampleShape`), or nested arrays
 * whose first level is the samples.
 * @param options - Shape, labels and scaling.
 * @returns The dataset.
 * @throws RangeError if there are no samples, the numbers do not fill whole samples, a value is
 * NaN, infinite or out of range, or the labels do not fit.
 *
 * @example Points in the plane
 * ```ts
 * const line = datasetFromArray([[0, 0], [0.5, 0.5], [1, 1]], { labels: [0, 1, 1] });
 * console.log(line.size, line.sampleShape); // 3 [ 2 ]
 * ```
 *
 * @example Pixels
 * ```ts
 * const pixels = new Uint8Array(10 * 32 * 32 * 3);
 * const images = datasetFromArray(pixels, { sampleShape: [32, 32, 3] });
 * ```
 */
export function datasetFromArray(
  values: NestedNumbers,
  options: DatasetOptions = {},
): InMemoryDataset {
  const { name, action } = checkDatasetOptions(options, 'array');
  const flat = flatten(action, values);
  const [size, ...inner] = flat.shape;
  if (size === undefined || size === 0) {
    throw new RangeError(`Cannot ${action}: values must have at least one sample, got none`);
  }
  const shapes =
    options.sampleShape === undefined
      ? { size, sampleShape: inferredShape(action, inner, flat.data.length) }
      : fitted(action, options.sampleShape, flat.shape, flat.data.length);
  return makeDataset(action, { ...flat, ...shapes, name }, options);
}

/** The shape of a sample, derived from the nesting. */
/** The shape of the samples, from that of the values. @internal */
export function inferredShape(
  action: string,
  inner: readonly number[],
  length: number,
): readonly number[] {
  if (inner.length === 0) {
    throw new RangeError(
      `Cannot ${action}: sampleShape must be given for a flat array, got ${length} numbers without it. ` +
        'Pass sampleShape: [28, 28, 1] for images of 28×28, or sampleShape: [2] for points',
    );
  }
  checkInferredShape(action, inner);
  if (inner.length === 2) {
    throw new RangeError(
      `Cannot ${action}: samples must be vectors [features] or images [height, width, channels], ` +
        `got ${formatShape(inner)}. Pass sampleShape: ${formatShape([...inner, 1])} for grayscale images`,
    );
  }
  return inner;
}

/** The number of samples of a given shape. */
function fitted(
  action: string,
  sampleShape: readonly number[],
  shape: readonly number[],
  length: number,
): { size: number; sampleShape: readonly number[] } {
  checkSampleShape(action, sampleShape);
  const sampleSize = sampleShape.reduce((product, side) => product * side, 1);
  const size = length / sampleSize;
  const nested = shape.length > 1;
  if (nested ? size === shape[0] : Number.isInteger(size)) return { size, sampleShape };
  throw new RangeError(
    nested
      ? `Cannot ${action}: each sample must have the ${sampleSize} numbers of sampleShape ` +
          `${formatShape(sampleShape)}, got ${formatShape(shape.slice(1))}`
      : `Cannot ${action}: values must fill whole samples of ${formatShape(sampleShape)} ` +
          `(${sampleSize} numbers each), got ${length} numbers`,
  );
}

/** Checks a shape that was derived from the samples. @internal */
export function checkInferredShape(action: string, shape: readonly number[]): void {
  if (!shape.includes(0)) return;
  throw new RangeError(
    `Cannot ${action}: each sample must have at least one number, got the shape ${formatShape(shape)}`,
  );
}

/** @internal */
export function checkSampleShape(action: string, sampleShape: readonly number[]): void {
  if (!Array.isArray(sampleShape) || sampleShape.length === 0) {
    throw new RangeError(
      `Cannot ${action}: sampleShape must have at least one dimension, got ${String(sampleShape) || '[]'}`,
    );
  }
  sampleShape.forEach((side: number, axis) => {
    checkPositiveInteger(action, `sampleShape[${axis}]`, side);
  });
}
