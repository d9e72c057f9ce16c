import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { encodeCsv } from '../../../src/data/table/encode-csv.ts';
import { CsvParser, type CsvRecord, parseCsv } from '../../../src/data/table/parse-csv.ts';

const fieldsOf = (text: string): (readonly string[])[] =>
  [...parseCsv(text)].map(({ fields }) => fields);

describe('parseCsv', () => {
  test.each([
    ['CR LF', 'a,b\r\n1,2\r\n'],
    ['LF', 'a,b\n1,2\n'],
    ['CR', 'a,b\r1,2\r'],
    ['no break at the end', 'a,b\n1,2'],
    ['a byte order mark', '\uFEFFa,b\n1,2\n'],
    ['empty lines', '\na,b\n\n1,2\n\n'],
    ['semicolons', 'a;b\n1;2\n'],
    ['tabs', 'a\tb\n1\t2\n'],
    ['bars', 'a|b\n1|2\n'],
    ['quotes', '"a","b"\n"1","2"\n'],
  ])('reads %s', (_, text) => {
    expect(fieldsOf(text)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  test('reads delimiters, line breaks and doubled quotes in quotes', () => {
    const text = 'a,b\r\n"1,5","he said ""no"""\r\n"two\r\nlines",""\r\n';
    expect(fieldsOf(text).slice(1)).toEqual([
      ['1,5', 'he said "no"'],
      ['two\r\nlines', ''],
    ]);
  });

  test('takes the delimiter that gives as many fields in each line', () => {
    expect(fieldsOf('name;price\na, b;1,5\nc;2,5\n')[1]).toEqual(['a, b', '1,5']);
  });

  test('counts the lines of the text', () => {
    expect([...parseCsv('a,b\n"1\n2",3\n4,5\n')].map(({ line }) => line)).toEqual([1, 2, 4]);
  });

  test.each([
    ['a,b\n1,"2\n', "Cannot read CSV: the quote that opens in line 2 must be closed, got '\"2\n'"],
    [
      'a,b\n"1"x,2\n',
      "Cannot read CSV: after a closing quote in line 2 there must be a delimiter ',', got 'x'",
    ],
  ])('refuses %j', (text, message) => {
    expect(() => [...parseCsv(text)]).toThrow(message);
  });

  test('reads what Papa Parse reads', () => {
    const field = fc.string({
      unit: fc.constantFrom('a', 'é', ',', ';', '"', '\n', '\r\n', ' ', '='),
    });
    const table = fc.integer({ min: 2, max: 4 }).chain((width) =>
      fc.array(fc.array(field, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 5,
      }),
    );
    fc.assert(
      fc.property(table, fc.constantFrom(',', ';', '\t'), (rows, delimiter) => {
        const text = Papa.unparse(rows, { delimiter, newline: '\r\n' });
        const read = [...parseCsv(text, delimiter)].map(({ fields }) => fields);
        expect(read).toEqual(Papa.parse(text, { delimiter }).data);
      }),
    );
  });

  test('reads the same records of a text in parts, wherever it is cut', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', ',', '"', '""', '\n', '\r', '\r\n', '\uFEFF', '",'),
      maxLength: 40,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    const outcome = (read: () => Iterable<CsvRecord>): unknown => {
      try {
        return [...read()];
      } catch (error) {
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(text, sizes, (source, parts) => {
        function* inParts(): Generator<CsvRecord> {
          const parser = new CsvParser(',');
          for (let [at, i] = [0, 0]; at < source.length; i += 1) {
            const size = parts[i % parts.length]!;
            yield* parser.parse(source.slice(at, at + size), false);
            at += size;
          }
          yield* parser.parse('', true);
        }
        expect(outcome(inParts)).toEqual(outcome(() => parseCsv(source, ',')));
      }),
      { numRuns: 1000 },
    );
  });

  test('reads or refuses any text, and hangs on none', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', '\r', ';'),
      maxLength: 30,
    });
    const outcome = (source: string): string => {
      try {
        return [...parseCsv(source)].every(({ fields }) => fields.length > 0) ? 'read' : 'empty';
      } catch (error) {
        return (error as Error).name;
      }
    };
    fc.assert(
      fc.property(text, (source) => {
        expect(['read', 'DataFormatError']).toContain(outcome(source));
      }),
      { numRuns: 500 },
    );
  });
});

describe('encodeCsv', () => {
  test('writes what Papa Parse reads again', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', ' ', '=') });
    const rows = fc.array(fc.record({ a: field, b: field }), { minLength: 1 });
    fc.assert(
      fc.property(rows, (table) => {
        const text = encodeCsv(table, { escapeFormulas: false });
        expect(
          Papa.parse(text, { header: true, newline: '\r\n', skipEmptyLines: true }).data,
        ).toEqual(table);
      }),
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('escapes the formula %j', (formula) => {
    const [, [text] = []] = fieldsOf(encodeCsv([{ a: formula, b: 1 }]));
    expect(text).toBe(`'${formula}`);
  });

  test('leaves numbers below 0, dates and missing values alone', () => {
    const row = { a: -1.5, b: new Date(0), c: null, d: true };
    expect(encodeCsv([row])).toBe('a,b,c,d\r\n-1.5,1970-01-01T00:00:00.000Z,,true\r\n');
  });

  test('escapes the header too', () => {
    expect(encodeCsv([{ '=a': 1 }])).toBe("'=a\r\n1\r\n");
  });

  test('refuses rows with other columns', () => {
    expect(() => encodeCsv([{ a: 1 }, { b: 2 }])).toThrow(
      'Cannot write CSV: rows[1] must have the columns of the first row, a, got b',
    );
    expect(() => encodeCsv([])).toThrow(
      'Cannot write CSV: rows must be a list of at least one row, got []',
    );
  });
});
