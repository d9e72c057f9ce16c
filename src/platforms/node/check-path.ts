import { isFileAddress, isUrl, pathOfFileAddress, textOfUrl } from '../../core/address.ts';
import { formatValue } from '../../core/format.ts';

/**
 * Converts a path or a `file:` address to a path. Refuses an empty string, another kind of address,
 * and values that are not strings.
 *
 * @internal
 */
export function checkPath(
  action: string,
  path: string | URL,
  parameter = 'folder',
  kind: 'a folder' | 'a file' | 'a .png file' = 'a folder',
): string {
  const text = isUrl(path) ? textOfUrl(action, path) : path;
  const refusal = `Cannot ${action}: ${parameter} must name ${kind}, got ${formatValue(text)}`;
  if (typeof text !== 'string') throw new RangeError(refusal);
  if (isFileAddress(text)) {
    const named = pathOfFileAddress(action, text, process.platform === 'win32');
    if (named !== '') return named;
  } else if (isUrl(path) || /^[a-z][a-z\d+.-]+:\/\//i.test(text)) {
    // As a path it would be a folder named 'https:'.
    throw new RangeError(`${refusal}. Pass a path, or an address that begins with file://`);
  } else if (text !== '') return text;
  throw new RangeError(refusal);
}

/** The path of a picture that a caller gave. @internal */
export function checkPngPath(action: string, path: string | URL): string {
  const file = checkPath(action, path, 'path', 'a .png file');
  if (file.toLowerCase().endsWith('.png')) return file;
  throw new RangeError(
    `Cannot ${action}: path must be the name of a .png file, got ${formatValue(file)}`,
  );
}
