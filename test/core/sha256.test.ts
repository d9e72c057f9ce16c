import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sha256 } from '../../src/core/sha256.ts';

const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i);

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('sha256', () => {
  test.each([
    ['the platform has cryptography', globalThis.crypto],
    ['only Node behind a simulated page has', { getRandomValues: () => undefined }],
  ])('is the checksum that Node computes if %s', async (_, crypto) => {
    vi.stubGlobal('crypto', crypto);
    expect(await sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('says what to do in a page that has none', async () => {
    vi.stubGlobal('crypto', {});
    vi.stubGlobal('process', undefined);
    await expect(sha256(bytes)).rejects.toThrow(
      'Cannot compute a checksum: this page has no crypto.subtle. Load it over https, or from localhost',
    );
  });
});
