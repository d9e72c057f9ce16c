import * as tf from '@tensorflow/tfjs';
import { isRecord } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { elementError, isNumbers } from './element-error.ts';
import { flatten, type NestedNumbers } from './flatten.ts';

/** One element of a `tf.data` stream, read to the host. @internal */
export interface StreamElement {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Whether the values were bytes. */
  readonly bytes: boolean;
  readonly label: number | undefined;
}

/** Reads an element and disposes it. @internal */
export async function readElement(
  action: string,
  value: tf.TensorContainer,
  number: number,
): Promise<StreamElement> {
  try {
    const parts = split(value);
    if (parts === undefined) throw elementError(action, number, value);
    const sample = await numbers(action, parts.sample);
    const label = parts.label === undefined ? undefined : await numbers(action, parts.label);
    if (label !== undefined && label.data.length !== 1) {
      throw new RangeError(
        `Cannot ${action}: the label of element ${number} must be one integer, got the shape ` +
          `${formatShape(label.shape)}. Convert one-hot labels to numbers with argMax, and leave .batch() out`,
      );
    }
    const values = Float32Array.from(sample.data);
    const bytes = !(sample.data instanceof Float32Array);
    return { shape: sample.shape, values, bytes, label: label?.data[0] };
  } finally {
    tf.dispose(value);
  }
}

type Numbers = tf.Tensor | NestedNumbers | number;

function split(value: unknown): { sample: Numbers; label?: Numbers | undefined } | undefined {
  if (isNumbers(value)) return { sample: value };
  if (!isRecord(value)) return undefined;
  const sample = value['samples'] ?? value['xs'];
  const label = value['labels'] ?? value['ys'];
  if (!isNumbers(sample) || (label !== undefined && !isNumbers(label))) return undefined;
  return { sample, label };
}

async function numbers(
  action: string,
  part: Numbers,
): Promise<{ shape: readonly number[]; data: ArrayLike<number> }> {
  if (typeof part === 'number') return { shape: [], data: Float32Array.of(part) };
  if (!(part instanceof tf.Tensor)) return flatten(action, part);
  const data = await part.data();
  return { shape: part.shape, data: Float32Array.from(data as ArrayLike<number>) };
}
