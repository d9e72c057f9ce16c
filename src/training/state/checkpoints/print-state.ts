/**
 * Prints plain data as readable JSON: one line for each member of an object and each element of an
 * array; a list of numbers, or the content of an element, stays on one line.
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
