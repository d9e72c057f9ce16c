import * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import type { Random } from '../core/random.ts';
import {
  type Codes,
  codeTensor,
  type CodeValues,
  type ConditionInput,
  type ConditionRecord,
  drawLabels,
  drawRecorded,
  isTensor,
  labelTensor,
} from './conditions.ts';
import type { CodeInput } from './network.ts';

/**
 * Converts the requested value of a condition to a tensor; the caller disposes it.
 *
 * @param value - Labels, vectors, codes, or a tensor of them, which the caller keeps owning.
 * @param random - Draws codes that are left out.
 * @throws RangeError if a class is unknown or the number of values differs from that of samples;
 * TypeError if the value is invalid.
 *
 * @internal
 */
export function conditionTensor(
  action: string,
  name: string,
  input: ConditionInput,
  value: unknown,
  of: { readonly count: number; readonly shape: readonly number[]; readonly random: Random },
): tf.Tensor {
  const { count, shape, random } = of;
  if (input.categorical !== undefined && !isTensor(value)) {
    return codeTensor(random, input, count, checkCodes(action, name, input, value, count));
  }
  if (input.classes === undefined) return vectorsOf(action, name, value, count, shape);
  if (!isTensor(value))
    return labelTensor(checkLabels(action, name, value, input.classes, { count }));
  if (value.dtype !== 'int32') {
    throw new TypeError(
      `Cannot ${action}: ${name} must be of dtype int32, got ${value.dtype}. Cast it: tf.cast(${name}, 'int32')`,
    );
  }
  checkShape(action, name, value, [count]);
  return value.clone();
}

/**
 * The conditions at the two ends of a path: the given ones, one for both or one for each, otherwise
 * those that would be drawn for the seeds of the ends.
 *
 * @param randoms - The random source of each end.
 * @returns Labels as numbers, so that equal classes are recognized without reading a tensor;
 * otherwise `[2, …]`, which the caller disposes.
 *
 * @internal
 */
export function endConditions(
  action: string,
  name: string,
  input: ConditionInput,
  value: unknown,
  of: {
    readonly shape: readonly number[];
    readonly randoms: readonly Random[];
    readonly record: ConditionRecord;
  },
): tf.Tensor | readonly number[] {
  const { shape, randoms, record } = of;
  const count = randoms.length;
  const ofEach = (make: (random: Random, end: number) => tf.Tensor): tf.Tensor =>
    tf.tidy(() => tf.concat(randoms.map(make), 0));
  if (value === undefined) {
    if (input.classes !== undefined) {
      return randoms.flatMap((random) => drawLabels(random, input, 1, record));
    }
    const one = { count: 1, shape, record };
    return ofEach((random) => drawRecorded(random, action, name, input, one));
  }
  if (input.classes !== undefined && !isTensor(value)) {
    return checkLabels(action, name, value, input.classes, { count, each: 'end' });
  }
  if (input.categorical !== undefined && !isTensor(value)) {
    const codes = checkCodes(action, name, input, value, count);
    const at = (end: number, kind: keyof CodeValues): CodeValues =>
      codes[kind] === undefined ? {} : { [kind]: codes[kind].map((one) => one && [one[end]!]) };
    return ofEach((random, end) =>
      codeTensor(random, input, 1, { ...at(end, 'categorical'), ...at(end, 'continuous') }),
    );
  }
  return conditionTensor(action, name, input, value, { count, shape, random: randoms[0]! });
}

function checkLabels(
  action: string,
  name: string,
  value: unknown,
  classes: number,
  { count, each = 'sample' }: { readonly count: number; readonly each?: 'sample' | 'end' },
): readonly number[] {
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  if (!isList && typeof value !== 'number') {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a class, or a list with the class of each ${each}, got ${formatValue(value)}`,
    );
  }
  const list = isList
    ? Array.from(value as ArrayLike<number>)
    : new Array<unknown>(count).fill(value);
  if (list.length !== count) {
    throw new RangeError(
      `Cannot ${action}: ${name} must be one class, or a list of ${count}, one for each ${each}, got ${list.length}`,
    );
  }
  const wrong = list.findIndex(
    (label) => !Number.isInteger(label) || (label as number) < 0 || (label as number) >= classes,
  );
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot ${action}: ${isList ? `${name}[${wrong}]` : name} must be an integer from 0 to ${classes - 1}, ` +
        `got ${formatValue(list[wrong])}`,
    );
  }
  return list as number[];
}

function vectorsOf(
  action: string,
  name: string,
  value: unknown,
  count: number,
  shape: readonly number[],
): tf.Tensor {
  if (isTensor(value)) {
    checkShape(action, name, value, [count, ...shape]);
    // Attributes may be integers; layers multiply and concatenate float32 only.
    return value.dtype === 'float32' ? value.clone() : tf.cast(value, 'float32');
  }
  const size = shape.reduce((product, length) => product * length, 1);
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a list of ${size} numbers, a list of such lists or a tensor, ` +
        `got ${formatValue(value)}`,
    );
  }
  const list = Array.from(value as unknown as ArrayLike<number | readonly number[]>);
  const isOne = list.every((entry) => typeof entry === 'number');
  const rows = (
    isOne ? new Array<unknown>(count).fill(list) : list
  ) as readonly (readonly number[])[];
  if (rows.length !== count) {
    throw new RangeError(
      `Cannot ${action}: ${name} must have one row, or ${count}, one for each sample, got ${rows.length}`,
    );
  }
  for (const [i, row] of rows.entries()) {
    const isRow = Array.isArray(row) || ArrayBuffer.isView(row);
    const fits = isRow && row.length === size && Array.from(row).every(Number.isFinite);
    if (fits) continue;
    throw new RangeError(
      `Cannot ${action}: ${isOne ? name : `${name}[${i}]`} must have ${size} finite numbers, got ${formatValue(row)}`,
    );
  }
  return tf.tensor(
    Float32Array.from(rows.flatMap((row) => [...row])),
    [count, ...shape],
    'float32',
  );
}

function checkShape(
  action: string,
  name: string,
  { shape }: tf.Tensor,
  wanted: readonly number[],
): void {
  if (String(shape) === String(wanted)) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must have the shape ${formatShape(wanted)}, got ${formatShape(shape)}`,
  );
}

type CodeList = readonly (number | readonly number[] | undefined)[];

/** Like `Array.isArray`, but keeps the type of the elements. */
function isList(value: readonly unknown[]): boolean {
  return Array.isArray(value);
}

function checkCodes(
  action: string,
  name: string,
  { categorical, continuous }: CodeInput,
  value: unknown,
  count: number,
): CodeValues {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be { categorical, continuous }, got ${formatValue(value)}`,
    );
  }
  checkOptions(action, value, ['categorical', 'continuous'], name);
  const given = value as Codes;
  const read = (
    key: 'categorical' | 'continuous',
    codes: number,
    wanted: (code: number) => string,
    fits: (one: number, code: number) => boolean,
  ): readonly (readonly number[] | undefined)[] => {
    const list: CodeList = given[key] ?? [];
    if (!isList(list) || list.length > codes) {
      throw new RangeError(
        `Cannot ${action}: ${name}.${key} must be a list of at most ${codes} codes, got ${formatValue(list)}`,
      );
    }
    return list.map((one, code) => {
      if (one === undefined) return undefined;
      const values = typeof one === 'number' ? new Array<number>(count).fill(one) : one;
      if (!isList(values) || values.length !== count) {
        throw new RangeError(
          `Cannot ${action}: ${name}.${key}[${code}] must be one value, or a list of ${count}, one for each sample, ` +
            `got ${formatValue(one)}`,
        );
      }
      const wrong = values.find((each) => !fits(each, code));
      if (wrong === undefined) return values;
      throw new RangeError(
        `Cannot ${action}: ${name}.${key}[${code}] must be ${wanted(code)}, got ${formatValue(wrong)}`,
      );
    });
  };
  return {
    categorical: read(
      'categorical',
      categorical.length,
      (code) => `an integer from 0 to ${categorical[code]! - 1}`,
      (one, code) => Number.isInteger(one) && one >= 0 && one < categorical[code]!,
    ),
    continuous: read('continuous', continuous, () => 'a finite number', Number.isFinite),
  };
}
