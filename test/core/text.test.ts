import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeText, encodeText } from '../../src/core/text.ts';

const text = 'Größe 28×28 😀';
const bytes = Uint8Array.from(Buffer.from(text));

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ['the globals are there', undefined],
  ['only Node behind a simulated page has them', 'absent'],
])('encodeText and decodeText, if %s', (_, absent) => {
  test('give and take UTF-8', () => {
    if (absent !== undefined) {
      vi.stubGlobal('TextEncoder', undefined);
      vi.stubGlobal('TextDecoder', undefined);
    }
    expect([...encodeText(text)]).toEqual([...bytes]);
    expect(decodeText(bytes)).toBe(text);
  });
});

describe('decodeText', () => {
  test('refuses what is no UTF-8 only if it is strict', () => {
    const wrong = Uint8Array.of(0x61, 0xff);
    expect(decodeText(wrong)).toBe('a\ufffd');
    expect(() => decodeText(wrong, { strict: true })).toThrow(TypeError);
  });

  test('says what to do if there is no way to text', () => {
    vi.stubGlobal('TextDecoder', undefined);
    vi.stubGlobal('process', undefined);
    expect(() => decodeText(bytes)).toThrow(
      'Cannot read or write text: the globals TextEncoder and TextDecoder must exist, got none. Load a polyfill first',
    );
  });
});
