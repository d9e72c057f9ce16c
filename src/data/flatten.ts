import { formatValue } from '../core/format.ts';
import { isFloat32Array, ofThisRealm, typedArrayKind } from '../core/realms.ts';

/**
 * Numbers in nested arrays; the innermost may be typed arrays.
 *
 * @example Two points, nested and in one row
 * ```ts
 * const nested: NestedNumbers = [[0, 0], [0.5, 0.5]];
 * const flat: NestedNumbers = new Float32Array([0, 0, 0.5, 0.5]);
 * console.log(datasetFromArray(nested).sampleShape); // [ 2 ]
 * console.log(datasetFromArray(flat, { sampleShape: [2] }).size); // 2
 * ```
 */
export type NestedNumbers =
  | readonly number[]
  | Uint8Array
  | Uint8ClampedArray
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | readonly NestedNumbers[];

/** Flat numbers, and their nested shape. @internal */
export interface FlatNumbers {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array | Uint8ClampedArray;
}

type Bytes = Uint8Array | Uint8ClampedArray;
type TypedNumbers = Extract<NestedNumbers, ArrayBufferView>;

/**
 * Flattens nested arrays. Bytes stay bytes, a Float32Array is kept, everything else becomes
 * float32.
 *
 * @internal
 */
export function flatten(action: string, values: NestedNumbers): FlatNumbers {
  if (isTyped(values)) return { shape: [values.length], data: compact(values) };
  if (!Array.isArray(values)) {
    throw new TypeError(
      `Cannot ${action}: values must be a typed array or nested arrays of numbers, got ${formatValue(values)}`,
    );
  }
  const shape = shapeOf(values);
  const length = shape.reduce((product, side) => product * side, 1);
  const leaf = firstLeaf(values);
  const data = isBytes(leaf) ? new Uint8Array(length) : new Float32Array(length);
  const position: number[] = [];
  const here = (): string => `values${position.map((index) => `[${index}]`).join('')}`;
  let filled = 0;

  function fill(row: unknown): void {
    const depth = position.length;
    const wanted = shape[depth] ?? 0;
    if (!isRow(row) || row.length !== wanted) {
      throw new RangeError(
        `Cannot ${action}: ${here()} must have ${wanted} entries like the first one at that depth, ` +
          `got ${isRow(row) ? row.length : formatValue(row)}`,
      );
    }
    const last = depth === shape.length - 1;
    if (isTyped(row)) {
      if (!last || isBytes(row) !== isBytes(leaf)) {
        throw new TypeError(
          `Cannot ${action}: ${here()} must be like the first at that depth, ` +
            `${last ? formatValue(leaf) : 'an array of arrays'}, got ${formatValue(row)}`,
        );
      }
      data.set(row, filled);
      filled += wanted;
      return;
    }
    for (let i = 0; i < wanted; i += 1) {
      const entry: unknown = row[i];
      position.push(i);
      if (!last) {
        fill(entry);
      } else if (typeof entry === 'number' && !isBytes(leaf)) {
        data[filled] = entry;
        filled += 1;
      } else {
        const kind = isBytes(leaf) ? 'in a typed array, like the first row' : 'a number';
        throw new TypeError(
          `Cannot ${action}: ${here()} must be ${kind}, got ${formatValue(entry)}`,
        );
      }
      position.pop();
    }
  }

  if (length > 0) fill(values);
  return { shape, data };
}

function shapeOf(values: unknown): number[] {
  const shape: number[] = [];
  let level = values;
  while (Array.isArray(level) || isTyped(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

/** The first row: a typed array, or an array of numbers. */
function firstLeaf(values: unknown): unknown {
  let level = values;
  while (Array.isArray(level) && (Array.isArray(level[0]) || isTyped(level[0]))) level = level[0];
  return level;
}

function isRow(value: unknown): value is readonly unknown[] | TypedNumbers {
  return Array.isArray(value) || isTyped(value);
}

function compact(values: TypedNumbers): FlatNumbers['data'] {
  return isFloat32Array(values) || isBytes(values)
    ? ofThisRealm(values)
    : Float32Array.from(values);
}

function isBytes(value: unknown): value is Bytes {
  return ['Uint8Array', 'Uint8ClampedArray'].includes(typedArrayKind(value) ?? '');
}

function isTyped(value: unknown): value is TypedNumbers {
  return typedArrayKind(value)?.startsWith('Big') === false;
}
