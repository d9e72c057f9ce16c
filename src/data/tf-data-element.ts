import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';
import { flatten, type NestedNumbers } from './flatten.ts';

/** One element of a `tf.data` stream, read to the host. @internal */
export interface StreamElement {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Whether the values came as bytes. */
  readonly bytes: boolean;
  readonly label: number | undefined;
}

/** Reads an element and disposes it. @internal */
export async function readElement(
  asked: string,
  value: tf.TensorContainer,
  number: number,
): Promise<StreamElement> {
  try {
    const parts = split(value);
    if (parts === undefined) {
      throw new TypeError(
        `Cannot ${asked}: element ${number} must be a tensor, numbers, { xs, ys } or { samples, labels }, ` +
          `got ${keys(value)}`,
      );
    }
    const sample = await numbers(asked, parts.sample);
    const label = parts.label === undefined ? undefined : await numbers(asked, parts.label);
    if (label !== undefined && label.data.length !== 1) {
      throw new RangeError(
        `Cannot ${asked}: the label of element ${number} must be one integer, got the shape ` +
          `${formatShape(label.shape)}. Turn one-hot labels into numbers with argMax, and leave .batch() out`,
      );
    }
    const values = Float32Array.from(sample.data);
    const bytes = !(sample.data instanceof Float32Array);
    return { shape: sample.shape, values, bytes, label: label?.data[0] };
  } finally {
    tf.dispose(value);
  }
}

interface Parts {
  readonly sample: tf.Tensor | NestedNumbers | number;
  readonly label?: tf.Tensor | NestedNumbers | number | undefined;
}

function split(value: tf.TensorContainer): Parts | undefined {
  if (isPart(value)) return { sample: value };
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Readonly<Record<string, unknown>>;
  const sample = record['samples'] ?? record['xs'];
  const label = record['labels'] ?? record['ys'];
  if (!isPart(sample) || (label !== undefined && !isPart(label))) return undefined;
  return { sample, label };
}

function isPart(value: unknown): value is Parts['sample'] {
  return (
    value instanceof tf.Tensor ||
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    typeof value === 'number'
  );
}

async function numbers(
  asked: string,
  part: Parts['sample'],
): Promise<{ shape: readonly number[]; data: ArrayLike<number> }> {
  if (typeof part === 'number') return { shape: [], data: Float32Array.of(part) };
  if (!(part instanceof tf.Tensor)) return flatten(asked, part);
  const data = await part.data();
  return { shape: part.shape, data: Float32Array.from(data as ArrayLike<number>) };
}

function keys(value: tf.TensorContainer): string {
  if (typeof value !== 'object' || value === null) return formatValue(value);
  return `an object with ${Object.keys(value).join(', ') || 'nothing in it'}`;
}
