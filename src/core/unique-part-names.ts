/**
 * A unique name for each part: the second of a kind is called `name_2`.
 *
 * @param parts - The parts, in order.
 * @param taken - Names that are in use.
 *
 * @internal
 */
export function uniqueNames<T extends { readonly name: string }>(
  parts: readonly T[],
  taken: readonly string[] = [],
): readonly (readonly [name: string, part: T])[] {
  const used = new Set(taken);
  return parts.map((part) => {
    let name = part.name;
    for (let count = 2; used.has(name); count += 1) name = `${part.name}_${count}`;
    used.add(name);
    return [name, part] as const;
  });
}
