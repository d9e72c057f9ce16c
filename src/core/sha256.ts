import { nodeProcess } from './node-process.ts';

/**
 * The SHA-256 of bytes, as 64 hexadecimal digits, computed by the platform off the main thread.
 *
 * @throws Error if a page was not loaded over https, because browsers then have no cryptography.
 *
 * @internal
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> };
  // Under jsdom, a Node program has the `crypto` of a page that was not loaded over https.
  const subtle = crypto?.subtle ?? nodeProcess().getBuiltinModule?.('node:crypto').webcrypto.subtle;
  if (subtle === undefined) {
    throw new Error(
      'Cannot compute a checksum: this page has no crypto.subtle. Load it over https, or from localhost',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
