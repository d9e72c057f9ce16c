import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gunzip } from '../../src/data/gunzip.ts';

const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
const packed = new Uint8Array(gzipSync(bytes));

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('gunzip', () => {
  test('unpacks in jsdom, whose Blob is no stream and which has none to unpack', async () => {
    vi.stubGlobal('Blob', Object);
    vi.stubGlobal('DecompressionStream', undefined);
    expect(await gunzip('read', 'a.gz', packed, bytes.length)).toEqual(bytes);
  });

  test('refuses more than the limit, and stops there', async () => {
    const zeros = new Uint8Array(gzipSync(new Uint8Array(2 ** 26)));
    await expect(gunzip('read', 'a.gz', zeros, 1000)).rejects.toThrow(
      'Cannot read: a.gz must unpack to at most 1000 bytes, got more. It is a different file',
    );
  });

  test('refuses what is cut short', async () => {
    await expect(gunzip('read', 'a.gz', packed.subarray(0, 900), bytes.length)).rejects.toThrow(
      /^Cannot read: a\.gz must be valid gzip, got damaged bytes after \d+ unpacked bytes/,
    );
  });
});
