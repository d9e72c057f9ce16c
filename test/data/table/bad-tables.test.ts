import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { createCtgan, tableReport } from 'tfjs-gan/tabular';
import { encodeCsv } from '../../../src/data/table/encode-csv.ts';
import { tableDataset } from '../../../src/data/table/read-table.ts';
import { wantedColumns } from '../../../src/models/table/table-where.ts';
import '../../support/on-cpu.ts';

/** What a call throws; 'none' if nothing. */
function outcome(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

/** A cell that is neither missing nor a number, often of letters that CSV gives a meaning. */
const word = fc
  .string({ unit: fc.constantFrom('x', 'é', ',', '"', '\n', ' '), maxLength: 5 })
  .map((text) => `w${text}w`);

describe('bad tables', () => {
  test('names the first ragged row, and reads every cell if there is none', () => {
    const lengths = fc.array(fc.oneof({ weight: 20, arbitrary: fc.constant(3) }, fc.nat(5)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(lengths, fc.infiniteStream(word), (widths, words) => {
        const rows = widths.map((width) => [...words.take(Math.max(width, 1))]);
        const text = Papa.unparse([['a', 'b', 'c'], ...rows], { newline: '\n' });
        const columns = { a: 'category', b: 'category', c: 'category' } as const;
        let read: unknown[] = [];
        const message = outcome(() => {
          read = tableDataset(text, { columns })
            .rows()
            .map((row) => Object.values(row));
        });
        const ragged = rows.findIndex(({ length }) => length !== 3);
        const wanted = `got ${rows[ragged]?.length} in row ${ragged + 1} (line `;
        expect(message).toContain(ragged < 0 ? 'none' : wanted);
        expect(read).toEqual(ragged < 0 ? rows : []);
      }),
    );
  });

  test('names two columns that have one name, or a column without one', () => {
    const names = fc.array(fc.constantFrom('a', 'b', ' a', '__proto__', 'constructor', ''), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(names, (header) => {
        const text = Papa.unparse([header, header.map(() => 1)], { delimiter: ',' });
        const trimmed = header.map((name) => name.trim());
        const isRight = new Set(trimmed).size === trimmed.length && !trimmed.includes('');
        const error =
          /columns must have different names, got '.*' for columns \d and \d$|got none for column \d$/;
        expect(outcome(() => tableDataset(text))).toMatch(isRight ? /^none$/ : error);
      }),
    );
  });

  test.each<[string, () => object[]]>([
    ['one row', () => [{ a: 1, b: 'x' }]],
    ['only missing values', () => Array.from({ length: 30 }, () => ({ a: null, b: NaN }))],
  ])('reads %s, and says why it can be neither learned nor judged', (_, make) => {
    const table = tableDataset(make());
    expect(table.columns.map(({ kind }) => kind)).toEqual(['constant', 'constant']);
    expect(outcome(() => createCtgan({ table }))).toMatch(
      /^Cannot learn the table 'table': it must have a column with at least two values/,
    );
    expect(outcome(() => tableReport(table, table.rows()))).toBe(
      'Cannot compare tables: real must have a column with at least two values, got none',
    );
  });

  test('prefixes whatever a spreadsheet runs, and gives back everything else', () => {
    const start = fc.constantFrom(...Array.from('=+-@\t\r\n＝＋－＠a 1'));
    const cell = fc.tuple(start, fc.string()).map((parts) => parts.join(''));
    fc.assert(
      fc.property(cell, cell, (name, value) => {
        const text = encodeCsv([{ [name]: value }]);
        const { data } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\r\n' });
        for (const [field, source] of [
          [data[0]![0], name],
          [data[1]![0], value],
        ]) {
          expect(field).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
          expect(field!.replace(/^'/, '')).toBe(source);
        }
      }),
    );
  });

  test('gives a test for any request, or an error that names it', () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      kind: 'ab'[i % 2]!,
      mass: i * 1.5,
      on: `2026-01-${String(1 + (i % 28)).padStart(2, '0')}`,
      tame: i % 3 === 0,
    }));
    const { codec } = tableDataset(rows);
    const value = fc.oneof(
      fc.constantFrom('a', 'z', '2026-01-05', '2027-01-01', 3, 1e9, true, null, NaN, Infinity),
      fc.anything(),
    );
    const request = fc.oneof(
      value,
      fc.array(value, { maxLength: 3 }),
      fc.record({ min: value, max: value }, { requiredKeys: [] }),
    );
    const column = fc.constantFrom('kind', 'mass', 'on', 'tame', 'Kind', '__proto__', 'toString');
    const where = fc.oneof(fc.dictionary(column, request), fc.anything());
    fc.assert(
      fc.property(where, (requested) => {
        let tests = {};
        const message = outcome(() => {
          tests = wantedColumns('sample', codec, requested);
        });
        expect(message).toMatch(/^none$|^Cannot sample: where(\.\w+)*[ :]/);
        for (const isWanted of Object.values<(value: null) => unknown>(tests)) {
          expect(typeof isWanted(null)).toBe('boolean');
        }
      }),
      { numRuns: 500 },
    );
  });
});
