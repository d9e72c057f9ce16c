import * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';
import { drawRows } from './latents.ts';
import type { CodeInput, LabelInput, NetworkInput, ValueInput } from './network.ts';

/** Names of the conditions that presets have. @internal */
export const presetConditions: readonly string[] = ['labels', 'condition', 'codes'];

/**
 * The classes of samples: one for all, or one for each, counted from 0.
 *
 * @example One class for all samples, and one for each
 * ```ts
 * const all: ClassLabels = 3;
 * const each: ClassLabels = [0, 1, 2];
 * ```
 */
export type ClassLabels = number | readonly number[] | Int32Array | Uint8Array | tf.Tensor1D;

/**
 * Conditions of several numbers: one for all samples, or one for each. A tensor has a row for each
 * sample.
 *
 * @example The same four attributes for all samples
 * ```ts
 * const attributes: ConditionVectors = [1, 0, 0, 1];
 * ```
 */
export type ConditionVectors =
  readonly number[] | Float32Array | readonly (readonly number[] | Float32Array)[] | tf.Tensor;

/**
 * Codes of an InfoGAN: for each code a value for all samples, or a list with one for each. Values
 * that are left out are drawn.
 *
 * @example The fourth value of a categorical code, one continuous code from low to high, the other
 * one drawn
 * ```ts
 * const codes: Codes = { categorical: [3], continuous: [[-1, -0.5, 0, 0.5, 1]] };
 * ```
 */
export interface Codes {
  /** Value of each categorical code, counted from 0. */
  readonly categorical?: readonly (number | readonly number[] | undefined)[] | undefined;
  /** Value of each continuous code, in −1…1 as in training. */
  readonly continuous?: readonly (number | readonly number[] | undefined)[] | undefined;
}

/** Any of the kinds of conditions of an input. @internal */
export type ConditionInput = LabelInput | ValueInput | CodeInput;

/**
 * What a generator knows about the conditions in its training: class frequencies, and some rows of
 * vectors.
 *
 * @internal
 */
export interface ConditionRecord {
  /** Frequency of each class. */
  readonly frequencies?: readonly number[] | undefined;
  /** Conditions of samples of the training data. */
  readonly rows?: readonly (readonly number[])[] | undefined;
}

/** Whether a value is a tensor. @internal */
export function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}

/** Whether an input is for a condition. @internal */
export function isCondition(input: NetworkInput): input is ConditionInput {
  return input.kind === 'condition';
}

/** Whether fake samples use the conditions of the batch's rows instead of a prior. @internal */
export function isOfBatch(input: ConditionInput): boolean {
  return input.categorical === undefined && (input.source ?? 'batch') === 'batch';
}

/**
 * Conditions from the prior of an input; the caller disposes them.
 *
 * @param shape - Shape of one row.
 * @returns Labels `[count]`, int32; otherwise `[count, ...shape]`.
 *
 * @internal
 */
export function drawCondition(
  random: Random,
  input: ConditionInput,
  count: number,
  shape: readonly number[],
): tf.Tensor {
  if (input.classes !== undefined) return labelTensor(drawLabels(random, input, count));
  if (input.categorical !== undefined) return codeTensor(random, input, count, {});
  if (input.draw !== undefined) return input.draw(random, count);
  return drawRows(random, count, shape, input.source === 'normal' ? 'normal' : 'uniform');
}

/**
 * Labels with the class frequencies of training, if they are known and requested, otherwise
 * uniform.
 *
 * @internal
 */
export function drawLabels(
  random: Random,
  { classes, source = 'batch' }: LabelInput,
  count: number,
  { frequencies }: ConditionRecord = {},
): readonly number[] {
  const draw =
    source === 'batch' && frequencies?.length === classes
      ? (): number => pick(random.uniform(), frequencies)
      : (): number => random.integer(classes);
  return Array.from({ length: count }, draw);
}

/**
 * Conditions distributed as in the training data, if that is known: otherwise uniform labels.
 *
 * @param name - Name of the input.
 * @throws RangeError if nothing is known about vectors that come from the data.
 *
 * @internal
 */
export function drawRecorded(
  random: Random,
  action: string,
  name: string,
  input: ConditionInput,
  of: {
    readonly count: number;
    readonly shape: readonly number[];
    readonly record: ConditionRecord;
  },
): tf.Tensor {
  const { count, shape, record } = of;
  if (!isOfBatch(input)) return drawCondition(random, input, count, shape);
  if (input.classes !== undefined) return labelTensor(drawLabels(random, input, count, record));
  const { rows } = record;
  if (rows === undefined || rows.length === 0) {
    throw new RangeError(
      `Cannot ${action}: ${name} must be given, because this generator was not trained on data with ${name}, got none`,
    );
  }
  const drawn = Array.from({ length: count }, () => rows[random.integer(rows.length)]!);
  return tf.tensor(Float32Array.from(drawn.flat()), [count, ...shape], 'float32');
}

/** The class whose interval of cumulative frequencies contains a number. */
function pick(at: number, frequencies: readonly number[]): number {
  let sum = 0;
  for (const [label, share] of frequencies.entries()) {
    sum += share;
    if (at < sum) return label;
  }
  // Rounded frequencies may sum to slightly less than 1.
  return frequencies.findLastIndex((share) => share > 0);
}

/** For each code and sample its value, or undefined if it is drawn. @internal */
export interface CodeValues {
  readonly categorical?: readonly (readonly number[] | undefined)[];
  readonly continuous?: readonly (readonly number[] | undefined)[];
}

/** Rows of codes: the categorical codes one-hot encoded, then the continuous ones. @internal */
export function codeTensor(
  random: Random,
  { categorical, continuous }: CodeInput,
  count: number,
  values: CodeValues,
): tf.Tensor2D {
  const width = categorical.reduce((sum, size) => sum + size, continuous);
  const rows = new Float32Array(count * width);
  let first = 0;
  // Code by code, so that given values of one code do not change what is drawn for the others.
  for (const [code, size] of categorical.entries()) {
    for (let i = 0; i < count; i += 1) {
      const drawn = random.integer(size);
      rows[i * width + first + (values.categorical?.[code]?.[i] ?? drawn)] = 1;
    }
    first += size;
  }
  for (let code = 0; code < continuous; code += 1) {
    for (let i = 0; i < count; i += 1) {
      const drawn = 2 * random.uniform() - 1;
      rows[i * width + first + code] = values.continuous?.[code]?.[i] ?? drawn;
    }
  }
  return tf.tensor2d(rows, [count, width]);
}

/** @internal */
export function labelTensor(labels: readonly number[]): tf.Tensor1D {
  return tf.tensor1d(Int32Array.from(labels), 'int32');
}
