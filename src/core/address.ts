/**
 * Whether a value is a `URL`, including one of another copy of the class, such as jsdom's.
 *
 * @internal
 */
export function isUrl(value: unknown): value is URL {
  const { href, protocol } = (value ?? {}) as Partial<URL>;
  return typeof value === 'object' && typeof href === 'string' && typeof protocol === 'string';
}

/**
 * The text of a URL object. Refuses a `file:` object with a host, because as text `file://name` is
 * a relative path, and one whose `#` or `?` cuts off the rest of the path.
 *
 * @internal
 */
export function textOfUrl(action: string, url: URL): string {
  const { href, protocol, host, hash, search } = url;
  if (protocol !== 'file:' || (host === '' && hash === '' && search === '')) return href;
  throw new RangeError(
    `Cannot ${action}: a file: URL must have only a path, got '${href}'. ` +
      "Create one from any path with pathToFileURL of 'node:url'; pass folders of another machine as a path",
  );
}

/** @internal */
export function isFileAddress(text: string): boolean {
  return /^file:\//i.test(text);
}

/**
 * The path that a `file:` address names.
 *
 * What follows `file://` is the path: `file://model` and `file://./model` are relative,
 * `file:///runs/model` and `file://localhost/runs/model` are absolute. As in any URL, `%20` is a
 * space and `%23` is `#`; a `%` that begins no escape, a space, `#` and `?` are literal, so a path
 * can be written as it is.
 *
 * @internal
 */
export function pathOfFileAddress(action: string, address: string, isWindows: boolean): string {
  const rest = address.replace(/^file:(\/\/(localhost(?=\/))?)?/i, '');
  // Otherwise such a name would become several path segments.
  if ((isWindows ? /%(2f|5c)/i : /%2f/i).test(rest)) {
    throw new RangeError(
      `Cannot ${action}: a name in a file: address must have no '${isWindows ? '/ or \\' : '/'}', got '${address}'`,
    );
  }
  const path = rest.replace(/(%[\da-f]{2})+/gi, decoded);
  return isWindows ? path.replace(/^\/(?=[a-z]:)/i, '') : path;
}

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    // Not UTF-8, so the `%` signs are part of the name, not escapes.
    return escapes;
  }
}
