import { formatValue } from '../../core/format.ts';

/** Refuses what names nothing: an empty text, or, from JavaScript, what is no text. @internal */
export function checkPath(
  asked: string,
  path: string,
  parameter: 'path' | 'folder' = 'folder',
  kind: 'a folder' | 'a file' = 'a folder',
): void {
  if (typeof path === 'string' && path !== '') return;
  throw new RangeError(`Cannot ${asked}: ${parameter} must name ${kind}, got ${formatValue(path)}`);
}
