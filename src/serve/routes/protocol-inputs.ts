import { formatValue } from '../../core/format.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { encodeText } from '../../core/text.ts';
import { isCondition } from '../../models/conditions.ts';
import { readNumbers } from '../fields.ts';
import { HttpError } from '../http-error.ts';
import type { GeneratorAbout, SampleJob } from '../served-model.ts';

/** An input or output as both inference protocols describe it. @internal */
export interface TensorAbout {
  readonly name: string;
  readonly datatype: 'FP32' | 'INT32';
  /** −1 for the number of samples. */
  readonly shape: readonly number[];
}

/** The name and the values of an input. */
type GivenInput = readonly [name: string, values: Float32Array | Int32Array];

/** The inputs of the network. @internal */
export function inputTensors({ inputs, inputShapes }: GeneratorAbout): TensorAbout[] {
  return Object.entries(inputs).map(([name, input]) => ({
    name,
    datatype: isCondition(input) && input.classes !== undefined ? 'INT32' : 'FP32',
    shape: [-1, ...inputShapes[name]!],
  }));
}

/** Its one output. @internal */
export function outputTensor({ outputShape }: GeneratorAbout): TensorAbout {
  return { name: 'samples', datatype: 'FP32', shape: [-1, ...outputShape] };
}

/**
 * The job of a request that gives every input of the network.
 *
 * @param values - Lists of numbers by the name of the input.
 *
 * @internal
 */
export function givenJob(
  about: GeneratorAbout,
  values: Readonly<Record<string, unknown>>,
  count: number,
  format: 'nested' | 'flat',
): SampleJob {
  const given = inputTensors(about).map(({ name, shape: [, ...row] }): GivenInput => {
    const value = values[name];
    if (value === undefined) throw new HttpError(400, `${name} must be given, got none`);
    const numbers = readNumbers(name, value, [count, ...row]);
    const input = about.inputs[name]!;
    if (!isCondition(input) || input.classes === undefined) {
      return [name, Float32Array.from(numbers)];
    }
    const { classes } = input;
    const wrong = numbers.find(
      (label) => !(Number.isInteger(label) && label >= 0 && label < classes),
    );
    if (wrong !== undefined) {
      throw new HttpError(
        400,
        `${name} must be integers from 0 to ${classes - 1}, got ${formatValue(wrong)}`,
      );
    }
    return [name, Int32Array.from(numbers)];
  });
  // Nothing is left to draw.
  const seed = 0;
  return {
    kind: 'sample',
    count,
    seed,
    conditions: {},
    given: Object.fromEntries<Float32Array | Int32Array>(given),
    encoding: { format },
  };
}

/** @internal */
export function checkCount(count: unknown, maxCount: number): number {
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= maxCount) {
    return count;
  }
  throw new HttpError(
    400,
    `the number of samples must be from 1 to ${maxCount}, got ${formatValue(count)}`,
  );
}

/** A body of JSON around one that is written already. @internal */
export function wrapped(before: string, body: Uint8Array, after: string): Uint8Array {
  return joinBytes([encodeText(before), body, encodeText(after)]);
}
