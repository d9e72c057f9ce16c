/** The names of a list such as `emoji,digits`, and their values; an unknown name is refused. */
export function choose<T>(
  flag: string,
  names: string,
  values: Readonly<Record<string, T>>,
): readonly (readonly [name: string, value: T])[] {
  return names.split(',').map((name) => {
    const value = values[name];
    if (value !== undefined) return [name, value] as const;
    const known = Object.keys(values).join(', ');
    throw new RangeError(`Cannot start: --${flag} must be of ${known}, got '${name}'`);
  });
}
