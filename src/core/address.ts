/** How an address may be given. A `URL` of another copy of the class, as of jsdom, is one as well. @internal */
export function isUrl(value: unknown): value is URL {
  const { href, protocol } = (value ?? {}) as Partial<URL>;
  return typeof value === 'object' && typeof href === 'string' && typeof protocol === 'string';
}

/**
 * The text of a URL object. As text `file://name` is a relative path, so a `file:` object with a host is refused, and so
 * is one whose `#` or `?` cuts off the rest of the path.
 *
 * @internal
 */
export function textOfUrl(action: string, url: URL): string {
  const { href, protocol, host, hash, search } = url;
  if (protocol !== 'file:' || (host === '' && hash === '' && search === '')) return href;
  throw new RangeError(
    `Cannot ${action}: a file: URL must have a path and nothing else, got '${href}'. ` +
      "pathToFileURL of 'node:url' makes one of any path; folders of another machine are given as a path",
  );
}

/** @internal */
export function isFileAddress(text: string): boolean {
  return /^file:\//i.test(text);
}

/**
 * The path that a `file:` address names.
 *
 * What follows `file://` is the path: `file://model` and `file://./model` are relative, `file:///runs/model` and
 * `file://localhost/runs/model` are not. As in any URL `%20` stands for a space and `%23` for `#`; a `%` that begins no
 * escape, a space, `#` and `?` stand for themselves, so that a path can be written as it is.
 *
 * @internal
 */
export function pathOfFileAddress(action: string, address: string, isWindows: boolean): string {
  const rest = address.replace(/^file:(\/\/(localhost(?=\/))?)?/i, '');
  // Such a name would become a path of its own.
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
    // No UTF-8, hence no escapes but part of a name.
    return escapes;
  }
}
