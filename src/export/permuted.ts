import type { NamedArray } from '../core/named-arrays.ts';

/**
 * An array with its axes in another order: axis i of the result is axis `order[i]` of the array.
 *
 * @internal
 */
export function permuted({ shape, values }: NamedArray, order: readonly number[]): NamedArray {
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = order.map((axis) => shape[axis]!);
  const strides = order.map((axis) => steps[axis]!);
  const result = new Float32Array(values.length);
  const place = sizes.map(() => 0);
  let from = 0;
  for (let i = 0; i < result.length; i += 1) {
    result[i] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
      place[axis] = place[axis]! + 1;
      from += strides[axis]!;
      if (place[axis]! < sizes[axis]!) break;
      from -= strides[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return { shape: sizes, values: result };
}
