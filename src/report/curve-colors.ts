/** Curves that have the same color wherever they are drawn; the demo's losses too. */
const always: ReadonlyMap<string, number> = new Map([
  ['generator', 0],
  ['discriminator', 1],
  ['real', 2],
  ['fake', 3],
]);

/**
 * Numbers of the colors of curves that share a chart: those of a fixed color have theirs, the others what is left, in order.
 *
 * @internal
 */
export function curveColors(names: readonly string[]): readonly number[] {
  const fixed = names.map((name) => always.get(/[^/ ]*$/.exec(name)?.[0] ?? ''));
  const taken = new Set<number>();
  const colors = fixed.map((color) => {
    if (color === undefined || taken.has(color)) return undefined;
    taken.add(color);
    return color;
  });
  let next = 0;
  return colors.map((color) => {
    if (color !== undefined) return color;
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  });
}
