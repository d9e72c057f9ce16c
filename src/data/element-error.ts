import * as tf from '@tensorflow/tfjs';
import { isRecord } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import type { NestedNumbers } from './flatten.ts';

/** Maximum number of entries and levels of an element in a message. */
const [mostEntries, mostLevels] = [6, 3];

/**
 * The error for an element of a `tf.data` stream that is not a sample: its structure, and the
 * `.map(…)` that creates samples.
 *
 * @param value - The element, not yet disposed.
 *
 * @internal
 */
export function elementError(action: string, number: number, value: unknown): TypeError {
  const parts = partsOf(value);
  const labelOnly = parts !== undefined && isNumbers(parts.sample) && isText(parts.label);
  const problem = labelOnly
    ? `the label of element ${number} must be an integer, got ${structureOf(parts.label)}`
    : `element ${number} must be a tensor, numbers, { xs, ys } or { samples, labels }, got ${structureOf(value)}`;
  return new TypeError(`Cannot ${action}: ${problem}. ${cureOf(parts)}`);
}

/**
 * Whether a value is read as numbers. The content of lists is checked when it is read.
 *
 * @internal
 */
export function isNumbers(value: unknown): value is tf.Tensor | NestedNumbers | number {
  if (value instanceof tf.Tensor) return value.dtype !== 'string';
  if (!Array.isArray(value)) return typeof value === 'number' || ArrayBuffer.isView(value);
  const first: unknown = value[0];
  return !isPair(value) && (first === undefined || typeof first === 'number' || isRow(first));
}

/**
 * Whether an element is `[sample, label]`, as `tf.data.zip([samples, labels])` returns them, and
 * not two rows of numbers.
 */
function isPair(value: readonly unknown[]): boolean {
  const [first, second] = value;
  if (value.length !== 2 || typeof first === 'number') return false;
  return !isRow(first) || !isRow(second) || first.length !== second.length;
}

/** The sample and the label in an element. */
interface Parts {
  /** Binds the two to `xs` and `ys` in the parameter of a function. */
  readonly pattern: string;
  readonly sample: unknown;
  readonly label?: unknown;
}

function partsOf(value: unknown): Parts | undefined {
  if (Array.isArray(value) && isPair(value)) {
    return { pattern: '[xs, ys]', sample: value[0], label: value[1] };
  }
  if (!isRecord(value) || value instanceof tf.Tensor) return undefined;
  const keys = Object.keys(value);
  const named = (sample: string, label?: string): Parts => {
    const names = [bound(sample, 'xs'), ...(label === undefined ? [] : [bound(label, 'ys')])];
    return {
      pattern: `{ ${names.join(', ')} }`,
      sample: value[sample],
      label: label === undefined ? undefined : value[label],
    };
  };
  const sample = ['samples', 'xs'].find((key) => keys.includes(key));
  if (sample !== undefined) {
    return named(
      sample,
      ['labels', 'ys'].find((key) => keys.includes(key)),
    );
  }
  if (keys.length > 0 && keys.every((key) => isScalar(value[key]))) {
    return { pattern: 'xs', sample: value };
  }
  const [first, ...others] = keys.filter((key) => !isScalar(value[key]));
  const label = keys.find((key) => isScalar(value[key]));
  return first === undefined || others.length > 0 || keys.length > 2
    ? undefined
    : named(first, label);
}

function cureOf(parts: Parts | undefined): string {
  const sample = parts && sampleFrom(parts.sample);
  const label = parts?.label === undefined ? '' : labelFrom(parts.label, 'ys');
  if (sample === undefined || label === undefined) {
    return 'Map each element to one of them: source.map((element) => ({ xs: …, ys: … }))';
  }
  const pair = `({ ${property('xs', sample)}, ${property('ys', label)} })`;
  const map = `source.map((${parts?.pattern ?? ''}) => ${label === '' ? sample : pair})`;
  if (!label.startsWith('classes')) return `Map it: ${map}`;
  return `Number the classes: ${map}, with const classes = ['…', '…'], the names of all`;
}

/** An expression that converts `xs` to numbers. */
function sampleFrom(value: unknown): string | undefined {
  if (isNumbers(value)) return 'xs';
  if (!isRecord(value)) return undefined;
  const columns = Object.values(value);
  if (!columns.every(isScalar)) return undefined;
  if (columns.every((column) => typeof column === 'number')) return 'Object.values(xs)';
  const numeric = columns.some((column) => typeof column === 'number');
  return numeric ? 'Object.values(xs).filter(Number.isFinite)' : undefined;
}

/** An expression that converts `place`, which has the value `value`, to one integer. */
function labelFrom(value: unknown, place: string): string | undefined {
  if (typeof value === 'boolean') return `Number(${place})`;
  if (typeof value === 'string') return `classes.indexOf(${place})`;
  if (isTextTensor(value)) {
    return value.size === 1 ? `classes.indexOf(${place}.dataSync()[0])` : undefined;
  }
  if (Array.isArray(value) && typeof value[0] === 'string') {
    return value.length === 1 ? `classes.indexOf(${place}[0])` : undefined;
  }
  if (isNumbers(value)) return place;
  if (!isRecord(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0) return undefined;
  return labelFrom(
    value[key],
    isName(key) ? `${place}.${key}` : `${place}[${JSON.stringify(key)}]`,
  );
}

function isText(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    isTextTensor(value) ||
    (Array.isArray(value) && typeof value[0] === 'string')
  );
}

/** The structure of an element; long and deep lists are truncated. */
function structureOf(value: unknown, level = 0): string {
  if (value instanceof tf.Tensor)
    return `${value.dtype} tensor of shape ${formatShape(value.shape as readonly number[])}`;
  if (ArrayBuffer.isView(value) && 'length' in value) {
    return `${value.constructor.name} of ${String(value.length)}`;
  }
  const list = Array.isArray(value);
  if (!list && !isRecord(value)) return formatValue(value);
  const entries = Object.entries(value);
  if (entries.length > 0 && level === mostLevels) return list ? '[…]' : '{ … }';
  const shown = entries.slice(0, mostEntries).map(([key, entry]) => {
    const inside = structureOf(entry, level + 1);
    return list ? inside : `${isName(key) ? key : JSON.stringify(key)}: ${inside}`;
  });
  if (entries.length > mostEntries) shown.push(`… ${entries.length} in all`);
  if (list) return `[${shown.join(', ')}]`;
  return shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`;
}

function isTextTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor && value.dtype === 'string';
}

function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

/** Whether a value may be a column or a label. */
function isScalar(value: unknown): boolean {
  if (value instanceof tf.Tensor) return value.size === 1;
  return typeof value !== 'object' || value === null;
}

function isName(key: string): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key);
}

/** A property of an object literal. */
function property(name: string, value: string): string {
  return name === value ? name : `${name}: ${value}`;
}

/** A property in a destructuring pattern, renamed. */
function bound(key: string, name: string): string {
  if (key === name) return name;
  return `${isName(key) ? key : JSON.stringify(key)}: ${name}`;
}
