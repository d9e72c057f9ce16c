import { nodeProcess } from './node-process.ts';

/** The bytes of a text in UTF-8. @internal */
export function encodeText(text: string): Uint8Array {
  return new (coders().TextEncoder)().encode(text);
}

/**
 * The text that bytes hold in UTF-8.
 *
 * @throws TypeError if they are `strict`, and are no UTF-8; else wrong bytes become U+FFFD.
 *
 * @internal
 */
export function decodeText(bytes: Uint8Array, options: { readonly strict?: boolean } = {}): string {
  return new (coders().TextDecoder)('utf-8', { fatal: options.strict ?? false }).decode(bytes);
}

type Coders = Pick<typeof globalThis, 'TextEncoder' | 'TextDecoder'>;

/** Under jsdom a program of Node has neither of the two as a global. */
function coders(): Coders {
  const { TextEncoder, TextDecoder } = globalThis as Partial<typeof globalThis>;
  if (TextEncoder !== undefined && TextDecoder !== undefined) return { TextEncoder, TextDecoder };
  const util = nodeProcess().getBuiltinModule?.('node:util');
  if (util !== undefined) return util as Coders;
  throw new Error(
    'Cannot read or write text: the globals TextEncoder and TextDecoder must be there, got none. Load a polyfill of them first',
  );
}
