import { nodeProcess } from './node-process.ts';

/** Encodes text in UTF-8. @internal */
export function encodeText(text: string): Uint8Array {
  return new (coders().TextEncoder)().encode(text);
}

/**
 * Decodes UTF-8.
 *
 * @throws TypeError if `strict` is set and the bytes are not UTF-8; otherwise wrong bytes become
 * U+FFFD.
 *
 * @internal
 */
export function decodeText(bytes: Uint8Array, options: { readonly strict?: boolean } = {}): string {
  return new (coders().TextDecoder)('utf-8', { fatal: options.strict ?? false }).decode(bytes);
}

/**
 * Decodes text that arrives in parts; without bytes, ends the text.
 *
 * @param encoding - A label of the Encoding Standard, such as `windows-1252`.
 * @returns A function that throws a TypeError if the bytes are not in that encoding.
 * @throws RangeError if the label is unknown.
 *
 * @internal
 */
export function textDecoder(encoding: string): (bytes?: Uint8Array) => string {
  const decoder = new (coders().TextDecoder)(encoding, { fatal: true });
  return (bytes) => decoder.decode(bytes, { stream: bytes !== undefined });
}

type Coders = Pick<typeof globalThis, 'TextEncoder' | 'TextDecoder'>;

/** Under jsdom, a Node program has neither of the two as a global. */
function coders(): Coders {
  const { TextEncoder, TextDecoder } = globalThis as Partial<typeof globalThis>;
  if (TextEncoder !== undefined && TextDecoder !== undefined) return { TextEncoder, TextDecoder };
  const util = nodeProcess().getBuiltinModule?.('node:util');
  if (util !== undefined) return util as Coders;
  throw new Error(
    'Cannot read or write text: the globals TextEncoder and TextDecoder must exist, got none. Load a polyfill first',
  );
}

/**
 * The same text in memory of its own: a part of a long text holds on to all of it.
 *
 * @internal
 */
export function copyOfText(text: string): string {
  return text.split('').join('');
}
