/**
 * Prints plain data as JSON for people as well: members of an object and elements of an array stand each on a line, a
 * list of numbers and what an element consists of on one.
 *
 * @internal
 */
export function printState(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const inLines = (parts: readonly string[], open: string, close: string): string =>
    `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
  if (Array.isArray(value)) {
    if (value.every(isScalar)) return JSON.stringify(value);
    return inLines(
      value.map((element) => JSON.stringify(element)),
      '[',
      ']',
    );
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return '{}';
  if (members[0]?.[0].startsWith('$') === true) return JSON.stringify(value);
  return inLines(
    members.map(([key, member]) => `${JSON.stringify(key)}: ${printState(member, inner)}`),
    '{',
    '}',
  );
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
