/** The values that a list of names such as `emoji,digits` chooses; an unknown name is refused. */
export function choose<T>(
  flag: string,
  names: string,
  values: Readonly<Record<string, T>>,
): readonly T[] {
  return names.split(',').map((name) => {
    const value = values[name];
    if (value !== undefined) return value;
    const known = Object.keys(values).join(', ');
    throw new RangeError(`Cannot start: --${flag} must be of ${known}, got '${name}'`);
  });
}
