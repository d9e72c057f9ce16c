import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';

/**
 * One row of numbers for each sample: the result of an extractor, or the samples themselves if they
 * are points.
 *
 * Metrics do not modify them. Arrays keep their double precision.
 *
 * @example Compare an array of points with a tensor of points
 * ```ts
 * const corners: Features = [[0, 0], [0, 1], [1, 0], [1, 1]];
 * const cloud: Features = tf.randomUniform<tf.Rank.R2>([50, 2], 0, 1, 'float32', 1);
 * console.log((await slicedWasserstein(corners, cloud)) < 0.5); // true
 * ```
 */
export type Features = tf.Tensor2D | readonly (readonly number[])[];

/** Checked features, independent of any backend: all numbers are finite. @internal */
export interface FeatureTable {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. Read-only: it may be the tensor's own memory. */
  readonly values: Float32Array | Float64Array;
}

/** Reads features and refuses values that are not a table of finite numbers. @internal */
export async function readFeatures(
  action: string,
  name: string,
  features: Features,
): Promise<FeatureTable> {
  const table =
    features instanceof tf.Tensor
      ? await readTensor(action, name, features)
      : readArray(action, name, features);
  checkFinite(action, name, table);
  return table;
}

/** Reads real and fake features and refuses sets that cannot be compared. @internal */
export async function readPair(
  action: string,
  real: Features,
  fake: Features,
  names: readonly [string, string] = ['real', 'fake'],
): Promise<[real: FeatureTable, fake: FeatureTable]> {
  const tables = await Promise.all([
    readFeatures(action, names[0], real),
    readFeatures(action, names[1], fake),
  ]);
  checkSameWidth(action, names, tables);
  return tables;
}

/** @internal */
export function checkSameWidth(
  action: string,
  names: readonly [string, string],
  [first, second]: readonly [FeatureTable, FeatureTable],
): void {
  if (first.columns === second.columns) return;
  throw new RangeError(
    `Cannot ${action}: ${names[0]} and ${names[1]} must have the same number of features, ` +
      `got ${formatShape([first.rows, first.columns])} and ${formatShape([second.rows, second.columns])}. ` +
      'Use the same extractor for both',
  );
}

/** Refuses fewer rows than a metric requires. @internal */
export function checkRows(
  action: string,
  name: string,
  table: FeatureTable,
  atLeast: number,
  why: string,
): void {
  if (table.rows >= atLeast) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must have at least ${atLeast} samples ${why}, got ${table.rows}`,
  );
}

async function readTensor(action: string, name: string, tensor: tf.Tensor): Promise<FeatureTable> {
  const { shape } = tensor;
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || rows === 0 || columns === 0) {
    throw new RangeError(
      `Cannot ${action}: ${name} must have the shape [samples, features], got ${formatShape(shape)}` +
        (shape.length > 2 ? '. Pass features of the images from an extractor' : ''),
    );
  }
  const values = await tensor.data();
  return {
    rows,
    columns,
    values: values instanceof Float32Array ? values : Float32Array.from(values),
  };
}

function readArray(
  action: string,
  name: string,
  array: Exclude<Features, tf.Tensor>,
): FeatureTable {
  const first = isArray(array) ? array[0] : undefined;
  const columns = isArray(first) ? first.length : 0;
  if (columns === 0) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a 2-D tensor or an array of rows of numbers, got ${formatValue(array)}`,
    );
  }
  const values = new Float64Array(array.length * columns);
  for (const [row, numbers] of array.entries()) {
    if (!isArray(numbers) || numbers.length !== columns) {
      throw new RangeError(
        `Cannot ${action}: every row of ${name} must have ${columns} numbers like the first one, ` +
          `got ${formatValue(numbers)} in row ${row}`,
      );
    }
    values.set(numbers, row * columns);
  }
  return { rows: array.length, columns, values };
}

/** `Array.isArray` narrows `readonly` arrays to `any`. */
function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function checkFinite(action: string, name: string, { columns, values }: FeatureTable): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must have finite numbers, ` +
      `got ${String(values[at])} in row ${Math.floor(at / columns)}, column ${at % columns}`,
  );
}
