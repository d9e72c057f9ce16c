import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFileAddress, pathOfFileAddress, textOfUrl } from '../../src/core/address.ts';

const pathOf = (address: string, isWindows = false): string =>
  pathOfFileAddress('save', address, isWindows);

/** Names of files, with what is special in URLs among their characters. */
const name = fc
  .string({
    unit: fc.constantFrom(...Array.from('aZ09 %#?&+~é漢:;@')),
    minLength: 1,
    maxLength: 12,
  })
  .filter((text) => text.trim() !== '');
const names = fc.array(name, { minLength: 1, maxLength: 4 });

describe('pathOfFileAddress', () => {
  test('inverts what Node returns for any absolute path', () => {
    fc.assert(
      fc.property(names, (parts) => {
        const path = `/${parts.join('/')}`;
        const { href } = pathToFileURL(path, { windows: false });
        expect(pathOf(href)).toBe(path);
        expect(pathOf(href)).toBe(fileURLToPath(href, { windows: false }));
      }),
    );
  });

  test('inverts what Node returns for any path on a drive of Windows', () => {
    fc.assert(
      fc.property(names, (parts) => {
        const { href } = pathToFileURL(`C:\\${parts.join('\\')}`, { windows: true });
        expect(pathOf(href, true)).toBe(
          fileURLToPath(href, { windows: true }).replaceAll('\\', '/'),
        );
      }),
    );
  });

  test('leaves a path that is written as it is alone, unless it holds an escape', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('', './', '../', '/'), (parts, start) => {
        const path = `${start}${parts.join('/')}`;
        fc.pre(!/%[\da-f]{2}/i.test(path));
        expect(pathOf(`file://${path}`)).toBe(path);
      }),
    );
  });

  test.each([
    ['file://model', 'model'],
    ['file://./out/model', './out/model'],
    ['file:///abs/My Project/model', '/abs/My Project/model'],
    ['file:///abs/My%20Project/C%23', '/abs/My Project/C#'],
    ['file://localhost/abs/model', '/abs/model'],
    ['file://localhost', 'localhost'],
    ['file:/abs/model', '/abs/model'],
    ['FILE:///abs', '/abs'],
    ['file://100%/model', '100%/model'],
    ['file://50%25', '50%'],
    // No UTF-8 at all.
    ['file://100%added', '100%added'],
    ['file://', ''],
  ])('of %s is %s', (address, path) => {
    expect(pathOf(address)).toBe(path);
  });

  test.each([
    ['file:///C:/models/a', 'C:/models/a'],
    ['file://C:\\models\\a', 'C:\\models\\a'],
    ['file:////server/share', '//server/share'],
  ])('on Windows, of %s is %s', (address, path) => {
    expect(pathOf(address, true)).toBe(path);
  });

  test('refuses an escaped separator, which would become a path', () => {
    expect(() => pathOf('file:///a%2Fb')).toThrow(
      "Cannot save: a name in a file: address must have no '/', got 'file:///a%2Fb'",
    );
    expect(() => pathOf('file:///C:/a%5Cb', true)).toThrow("must have no '/ or \\'");
    expect(pathOf('file:///a%5Cb')).toBe('/a\\b');
  });
});

describe('textOfUrl', () => {
  test.each(['file://server/share/model', 'file:///a/C#/model', 'file:///a/model?b'])(
    'refuses %s, of which a part is no path',
    (address) => {
      expect(() => textOfUrl('save', new URL(address))).toThrow(
        `Cannot save: a file: URL must have only a path, got '${address}'. Create one from any path with pathToFileURL`,
      );
    },
  );

  test('takes file: and other URLs', () => {
    expect(textOfUrl('save', new URL('file:///a/b%20c'))).toBe('file:///a/b%20c');
    expect(textOfUrl('load', new URL('https://a.org/m.json?b#c'))).toBe('https://a.org/m.json?b#c');
  });
});

test('isFileAddress tells addresses from paths', () => {
  expect(['file://a', 'file:/a', 'FILE:///a'].every(isFileAddress)).toBe(true);
  expect(['file', 'files/a', 'file:a', 'C:/file://'].some(isFileAddress)).toBe(false);
});
