import {
  byteRange,
  checkValueRange,
  imageRange,
  linearMap,
  type ValueRange,
} from '../core/value-range.ts';
import { checkLabels } from './check-labels.ts';
import { checkValues } from './check-values.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { inMemoryDataset, type InMemoryDataset } from './in-memory.ts';

/** Flat samples whose shape is known to fit. @internal */
export interface Samples {
  readonly name: string;
  readonly size: number;
  readonly sampleShape: readonly number[];
  readonly data: Float32Array | Uint8Array | Uint8ClampedArray;
}

/** Checks values and labels, determines the scaling and creates the dataset. @internal */
export function makeDataset(
  action: string,
  { name, size, sampleShape, data }: Samples,
  options: DatasetOptions,
): InMemoryDataset {
  const { map, valueRange } = scaling(
    action,
    sampleShape,
    !(data instanceof Float32Array),
    options,
  );
  // Bytes are valid unless the range is not 0…255.
  if (data instanceof Float32Array || options.inputRange !== undefined) {
    checkValues(action, data, { sampleShape, range: options.inputRange ?? valueRange });
  }
  const checked = checkLabels(action, size, options);
  return inMemoryDataset({ name, size, sampleShape, values: data, map, ...checked, valueRange });
}

/** How stored values are converted to values of a batch. @internal */
export interface Scaling {
  readonly map: ((value: number) => number) | undefined;
  readonly valueRange: ValueRange | undefined;
}

/** @internal */
export function scaling(
  action: string,
  sampleShape: readonly number[],
  bytes: boolean,
  options: DatasetOptions,
): Scaling {
  const inputRange = options.inputRange ?? (bytes ? byteRange : undefined);
  if (inputRange !== undefined) checkValueRange(action, 'inputRange', inputRange);
  if (options.valueRange !== undefined) checkValueRange(action, 'valueRange', options.valueRange);
  const implied = sampleShape.length === 3 || inputRange !== undefined;
  const valueRange = options.valueRange ?? (implied ? imageRange : undefined);
  if (inputRange === undefined || valueRange === undefined) return { map: undefined, valueRange };
  return { map: linearMap(inputRange, valueRange), valueRange };
}
