/** Whether a shape is the wanted one, in which a size of `null` fits any. @internal */
export function fitsShape(given: readonly number[], wanted: readonly (number | null)[]): boolean {
  return (
    given.length === wanted.length &&
    wanted.every((size, axis) => size === null || size === given[axis])
  );
}
