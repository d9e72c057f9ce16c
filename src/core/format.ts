/** Maximum length of one value in an error message. */
const longest = 80;

/**
 * Prints a shape as `[64, 28, 28, 1]`, with unknown sizes as `null`.
 *
 * @internal
 */
export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape.map(String).join(', ')}]`;
}

/**
 * Prints any value for an error message: strings quoted, arrays in brackets, long values truncated.
 *
 * @internal
 */
export function formatValue(value: unknown): string {
  const text = printed(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function printed(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.slice(0, longest).map(printed).join(', ')}]`;
  if (typeof value === 'function') return `function ${value.name}`.trim();
  if (typeof value === 'object' && value !== null) {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name === undefined || name === 'Object' ? 'an object' : `an instance of ${name}`;
  }
  return String(value);
}
