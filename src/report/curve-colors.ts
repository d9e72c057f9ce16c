/** Curves with the same color in every chart, also in the browser demo. */
const always: ReadonlyMap<string, number> = new Map([
  ['generator', 0],
  ['discriminator', 1],
  ['real', 2],
  ['fake', 3],
]);

/**
 * Color numbers of the curves of a chart: fixed ones for known names, the others in order.
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
