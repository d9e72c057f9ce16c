/** Plain values as Python writes them. @internal */
export function python(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 1 ? `(${python(value[0])},)` : `(${value.map(python).join(', ')})`;
  }
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

/** Two sides as one number, if they are equal. @internal */
export function sides(pair: readonly number[]): string {
  return pair[0] === pair[1] ? python(pair[0]) : python(pair);
}

/** A call, without the arguments that are left out. @internal */
export function call(name: string, ...given: readonly (string | number | undefined)[]): string {
  return `${name}(${given.filter((each) => each !== undefined).join(', ')})`;
}

/** Images with their channels last, and back. @internal */
export function toLast(x: string, shape: readonly number[]): string {
  return shape.length === 3 ? `${x}.permute(0, 2, 3, 1)` : x;
}

/** @internal */
export function toFirst(x: string, shape: readonly number[]): string {
  return shape.length === 3 ? `${x}.permute(0, 3, 1, 2)` : x;
}
