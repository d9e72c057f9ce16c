/** Plain data for the front matter of a card. @internal */
export type YamlValue =
  string | number | undefined | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/**
 * Writes members of an object as YAML, one a line; texts are quoted as JSON has them, which YAML
 * reads.
 *
 * @internal
 */
export function yaml(value: YamlValue, indent = ''): string {
  return lines(value, indent)
    .map((line) => `${line}\n`)
    .join('');
}

function lines(value: YamlValue, indent: string): string[] {
  if (isList(value)) {
    return value.flatMap((each) => {
      const [first = '', ...more] = isPlain(each) ? [plain(each)] : lines(each, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...more];
    });
  }
  const members = Object.entries(value as Readonly<Record<string, YamlValue>>);
  return members.flatMap(([key, each]) => {
    if (each === undefined) return [];
    if (isPlain(each)) return [`${indent}${key}: ${plain(each)}`];
    return [`${indent}${key}:`, ...lines(each, `${indent}  `)];
  });
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isPlain(value: YamlValue): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function plain(value: string | number): string {
  return JSON.stringify(value);
}
