import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableDataset } from '../../../src/data/table/read-table.ts';
import { TextColumn } from '../../../src/data/table/text-column.ts';

async function* partsOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.subarray(at, at + size));
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Longer than what the delimiter is detected in; many characters are of several bytes. */
const long = `city;note;cost\r\n${Array.from(
  { length: 4000 },
  (_, i) => `Zürich;"${['a', '𝄞;', 'x\r\ny', '""é""'][i % 4]}";${(i / 8).toFixed(2)}`,
).join('\r\n')}`;

describe('tableDataset of a stream', () => {
  test.each([1013, 4096, 65_536, 2 ** 22])(
    'reads the same rows in parts of %i bytes',
    async (size) => {
      const columns = { note: 'category' } as const;
      const whole = tableDataset(long, { columns });
      const streamed = await tableDataset(partsOf(encode(long), size), { columns });
      expect(streamed.columns).toEqual(whole.columns);
      expect(streamed.rows()).toEqual(whole.rows());
      expect(streamed.rows(2, 4)).toEqual([
        { city: 'Zürich', note: 'x\r\ny', cost: 0.25 },
        { city: 'Zürich', note: '"é"', cost: 0.38 },
      ]);
    },
  );

  test('reads a file whose bytes arrive one by one', async () => {
    const text = '\uFEFFa,b\r\n1,"é𝄞"\r\n2,"x""\r\n"\r\n1,"é𝄞"\r\n';
    const rows = [
      { a: 1, b: 'é𝄞' },
      { a: 2, b: 'x"\r\n' },
      { a: 1, b: 'é𝄞' },
    ];
    expect((await tableDataset(partsOf(encode(text), 1))).rows()).toEqual(rows);
  });

  test('names the line of a bad cell behind quoted line breaks and empty lines', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => (i === 3 ? '"x\n\ny",1' : 'z,2'));
    const text = `a,b\n${lines.join('\n')}\n\nz,two\n`;
    const message = 'in row 31 (line 35)';
    expect(() => tableDataset(text)).toThrow(message);
    await expect(tableDataset(partsOf(encode(text), 7))).rejects.toThrow(message);
  });

  test.each([
    ['bytes that are cut off', [0x61, 0x0a, 0xc3], 'must be text in utf-8, got other bytes'],
    ['one byte that is cut off', [0xc3], 'must be text in utf-8, got other bytes'],
    [
      'other bytes',
      [0x61, 0x0a, 0xe9, 0x0a],
      "Pass its encoding, tableDataset(bytes, { encoding: 'windows-1252' }), or save it as UTF-8",
    ],
    ['half of a UTF-16 unit', [0xff, 0xfe, 0x61, 0x00, 0x0a], 'must be text in utf-16le, got'],
    ['nothing', [], 'CSV must have a header and at least one row, got no line'],
  ])('refuses %s', async (_, bytes, message) => {
    const part = Uint8Array.from(bytes);
    expect(() => tableDataset(part)).toThrow(message);
    await expect(tableDataset(partsOf(part, 2))).rejects.toThrow(message);
  });

  const swapped = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();
  test.each<[string, Uint8Array, string | undefined]>([
    ['UTF-16, low bytes first', Buffer.from('\uFEFFa,b\n1,é𝄞\n2,x\n', 'utf16le'), undefined],
    ['UTF-16, high bytes first', swapped('\uFEFFa,b\n1,é𝄞\n2,x\n'), undefined],
    ['UTF-16 without a mark', Buffer.from('a,b\n1,é𝄞\n2,x\n', 'utf16le'), 'utf-16le'],
  ])('reads %s', async (_, bytes, encoding) => {
    const rows = [
      { a: 1, b: 'é𝄞' },
      { a: 2, b: 'x' },
    ];
    expect(tableDataset(bytes, { encoding }).rows()).toEqual(rows);
    for (const size of [1, 3, 100]) {
      expect((await tableDataset(partsOf(bytes, size), { encoding })).rows()).toEqual(rows);
    }
  });

  // What Python's codecs write: '€ž'.encode('cp1252'), '日本'.encode('shift_jis').
  test.each<[string, readonly number[], string]>([
    ['windows-1252', [0x80, 0x9e], '€ž'],
    ['shift_jis', [0x93, 0xfa, 0x96, 0x7b], '日本'],
  ])('reads %s as asked', async (encoding, written, text) => {
    const bytes = Uint8Array.from([...encode('a,b\n1,'), ...written, ...encode('\n2,x\n')]);
    const whole = tableDataset(bytes, { encoding });
    expect(whole.rows().map(({ b }) => b)).toEqual([text, 'x']);
    expect((await tableDataset(partsOf(bytes, 1), { encoding })).rows()).toEqual(whole.rows());
  });

  test.each<[unknown, string, string]>([
    [
      encode('a\n1\n'),
      'latin-99',
      "encoding must be a label of TextDecoder, such as 'windows-1252', got 'latin-99'",
    ],
    ['a\n1\n', 'utf-8', "encoding must be used with bytes or a stream, got 'utf-8' with 'a\n1\n'"],
  ])('refuses an encoding: %s, %s', (source, encoding, message) => {
    expect(() => tableDataset(source as string, { encoding })).toThrow(
      `Cannot read the table: ${message}`,
    );
  });

  test('refuses a stream of strings', async () => {
    async function* texts(): AsyncGenerator<string> {
      yield await Promise.resolve('a,b\n1,2\n');
    }
    await expect(tableDataset(texts() as never)).rejects.toThrow(
      "Cannot read the table: a stream must give bytes, Uint8Array, got 'a,b\n1,2\n'. Open it without an encoding",
    );
  });
});

describe('TextColumn', () => {
  test('returns the cells that were added', () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', 'e', '+', ' '), maxLength: 12 }),
      fc.double().map(String),
      fc.tuple(fc.double({ min: -1e25, max: 1e25 }), fc.nat(100)).map(([x, n]) => x.toFixed(n)),
      fc.constantFrom(
        '',
        'NA',
        'NaN',
        '-0',
        '-0.0',
        'Infinity',
        '1.',
        '.5',
        `0.${'0'.repeat(300)}`,
      ),
    );
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 50 }), (cells) => {
        const column = new TextColumn();
        for (const one of cells) column.add(one);
        expect(column.cells()).toEqual(cells);
      }),
      { numRuns: 1000 },
    );
  });

  test('keeps cells of several blocks', () => {
    const cells = Array.from({ length: 10_000 }, (_, i) =>
      i % 3 === 0 ? `t${i % 7}` : `${i / 2}`,
    );
    const column = new TextColumn();
    for (const one of cells) column.add(one);
    expect(column.cells()).toEqual(cells);
  });
});
