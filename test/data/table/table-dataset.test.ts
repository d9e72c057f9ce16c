import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { tableDataset } from '../../../src/data/table/read-table.ts';
import type { TableDataset } from '../../../src/data/table/table-dataset.ts';
import { datasetContract } from '../dataset-contract.ts';
import '../../support/on-cpu.ts';

/** A column of so many cells. */
function column(cells: readonly unknown[], size = cells.length): Record<string, unknown>[] {
  return Array.from({ length: size }, (_, i) => ({ x: cells[i % cells.length] }));
}

function csv(cells: readonly string[]): string {
  return ['x', ...cells.map((cell) => (cell === '' ? '""' : cell))].join('\n');
}

const kindOf = (table: TableDataset): string | undefined => table.columns[0]?.kind;
const texts = (make: (i: number) => string): string[] =>
  Array.from({ length: 40 }, (_, i) => make(i));

describe('tableDataset', () => {
  describe('with conditions', () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ species: 'abc'[i % 3]!, mass: i * i }));
    datasetContract(() => tableDataset(rows));
  });
  describe('of numbers alone', () => {
    const random = new Random(1);
    const rows = Array.from({ length: 10 }, () => ({ x: random.uniform(), y: random.uniform() }));
    datasetContract(() => tableDataset([...rows, ...rows.slice(0, 0)]));
  });

  test.each<[string, string[], string]>([
    ['whole numbers', ['3', '14', '15', ''], 'integer'],
    ['numbers with decimals', ['3.5', '14', '-1e3'], 'real'],
    ['two numbers', ['0', '1', '1'], 'category'],
    ['numbers with leading zeros', ['03011', '08400', '12000'], 'category'],
    ['text', ['a', 'b', 'a'], 'category'],
    ['the text None', ['None', 'Minor', 'None'], 'category'],
    ['true and false', ['true', 'FALSE', 'true'], 'boolean'],
    ['ISO dates', ['2026-11-30', '2026-12-01', '2026-12-24'], 'date'],
    ['ISO times', ['2026-11-30T10:00:00Z', '2026-12-01T00:30:00Z'], 'date'],
    ['dates with the month first', ['1/30/2026', '12/1/2026'], 'date'],
    ['dates with the day first', ['30.1.2026', '1.12.2026'], 'date'],
    ['one value', ['a', 'a'], 'constant'],
    ['no value', ['', 'NA'], 'constant'],
    ['numbers that count rows', texts(String), 'id'],
    ['different texts without spaces', texts((i) => `C${i}`), 'id'],
    ['days that do not exist', ['2026-02-30', '2026-02-31', 'x'], 'category'],
  ])('finds %s', (_, cells, kind) => {
    expect(kindOf(tableDataset(csv(cells)))).toBe(kind);
  });

  test.each<[string, unknown[], string]>([
    ['dates', [new Date(0), new Date(86_400_000)], 'date'],
    ['booleans', [true, false], 'boolean'],
    ['numbers as text', ['1', '2', '3'], 'category'],
    ['numbers with NaN and null', [1.5, NaN, null, undefined, 2.5], 'real'],
  ])('finds %s in rows', (_, cells, kind) => {
    expect(kindOf(tableDataset(column(cells)))).toBe(kind);
  });

  test('counts what is missing, and what differs', () => {
    expect(tableDataset(csv(['3', '', 'NA', '4', '4', '9'])).columns).toEqual([
      { name: 'x', kind: 'integer', missing: 2, distinct: 3 },
    ]);
  });

  test('reads rows of an interface', () => {
    interface Penguin {
      readonly species: string;
    }
    const penguins: Penguin[] = [{ species: 'Adelie' }, { species: 'Gentoo' }];
    expect(kindOf(tableDataset(penguins))).toBe('category');
  });

  test('reads bytes in UTF-8', () => {
    const bytes = new TextEncoder().encode('\uFEFFcité\nZürich\nGenève\nZürich\n');
    expect(tableDataset(bytes).rows()[1]).toEqual({ cité: 'Genève' });
  });

  test('gives back the rows of CSV with their types', () => {
    const text = 'a,b,c,d,e\n1,0.50,true,2026-11-30,007\n,2,false,,x\n3,-1,true,2026-12-01,007\n';
    expect(tableDataset(text).rows()).toEqual([
      { a: 1, b: 0.5, c: true, d: '2026-11-30', e: '007' },
      { a: null, b: 2, c: false, d: null, e: 'x' },
      { a: 3, b: -1, c: true, d: '2026-12-01', e: '007' },
    ]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'ragged rows',
      () => tableDataset('a,b\n1,2\n"1\n2",3\n1\n'),
      'Cannot read the table: each row must have the 2 fields of the header, got 1 in row 3 (line 5)',
    ],
    [
      'two columns of one name',
      () => tableDataset('a,b,a\n1,2,3\n'),
      "Cannot read the table: columns must have different names, got 'a' for columns 1 and 3",
    ],
    [
      'a header alone',
      () => tableDataset('a,b\n'),
      'Cannot read the table: CSV must have a header and at least one row, got a header alone',
    ],
    [
      'no line',
      () => tableDataset(''),
      'Cannot read the table: CSV must have a header and at least one row, got no line',
    ],
    [
      'no rows',
      () => tableDataset([]),
      'Cannot read the table: a table must have at least one row, got none',
    ],
    [
      'rows that are lists',
      () => tableDataset([[1, 2]] as never),
      "Cannot read the table: each row must be an object such as { species: 'Adelie', mass: 3750 }, got [1, 2] in row 1",
    ],
    [
      'infinity',
      () => tableDataset(column([1, Infinity])),
      "Cannot read the table: the column 'x' must hold finite numbers, got Infinity in row 2",
    ],
    [
      'infinity in text',
      () => tableDataset(csv([...texts((i) => `${i}.5`), 'inf'])),
      "Cannot read the table: the column 'x' must hold numbers, as nearly all of its cells are, got 'inf' in row 41 (line 42). " +
        "If it stands for no value, pass missing: ['inf']; if they are names, columns: { x: 'category' }",
    ],
    [
      'a broken date',
      () =>
        tableDataset(
          csv([...texts((i) => `2026-01-${String(1 + (i % 28)).padStart(2, '0')}`), 'soon']),
        ),
      "Cannot read the table: the column 'x' must hold dates, as nearly all of its cells are, got 'soon' in row 41 (line 42). " +
        "If it stands for no value, pass missing: ['soon']",
    ],
    [
      'mixed types',
      () => tableDataset(column([1, 'a'])),
      "Cannot read the table: the column 'x' must hold values of one type, as the number 1, got 'a' in row 2. " +
        "Convert them, or pass columns: { x: 'category' }",
    ],
    [
      'lists in cells',
      () => tableDataset([{ 'a b': [1] }]),
      "Cannot read the table: the column 'a b' must hold text, numbers, booleans, dates or null, got [1] in row 1. " +
        "Give each of its parts a column, or leave it out: columns: { 'a b': 'ignore' }",
    ],
    [
      'free text',
      () => tableDataset(csv(texts((i) => `the story of number ${i}`))),
      "Cannot read the table: the column 'x' must hold values that come again, got 40 different texts in 40 rows, such as " +
        "'the story of number 0'. Free text and names cannot be learned: leave it out, columns: { x: 'ignore' }, or have new " +
        "ones made in its place, 'id', or learn the most frequent values, 'category'",
    ],
    [
      'a column that is not there',
      () => tableDataset('a\n1\n2\n', { columns: { b: 'real' } }),
      "Cannot read the table: columns must have only the names a, got 'b'",
    ],
    [
      'a kind that is none',
      () => tableDataset('a\n1\n2\n', { columns: { a: 'number' as 'real' } }),
      "Cannot read the table: columns.a.kind must be one of 'category', 'boolean', 'integer', 'real', 'date', 'id', 'ignore', " +
        "undefined, got 'number'",
    ],
    [
      'a kind that does not fit',
      () => tableDataset('a\n1\n2.5\n', { columns: { a: 'integer' } }),
      "Cannot read the table: the column 'a' must hold integers, got '2.5' in row 2 (line 3)",
    ],
    [
      'nothing but ignored columns',
      () => tableDataset('a\n1\n', { columns: { a: 'ignore' } }),
      'Cannot read the table: it must have a column that is not ignored, got none',
    ],
    [
      'bytes of another encoding',
      () => tableDataset(Uint8Array.of(97, 10, 0xe9)),
      'Cannot read the table: a CSV file must be text in utf-8, got other bytes. ' +
        "Pass its encoding, tableDataset(bytes, { encoding: 'windows-1252' }), or save it as UTF-8",
    ],
    [
      'an unknown option',
      () => tableDataset('a\n1\n', { sep: ';' } as never),
      "Cannot read the table: options must have only the names columns, missing, constraints, encoding, name, got 'sep'",
    ],
    [
      'an order that the data break',
      () =>
        tableDataset('low,high\n1,2\n3,2\n9,9\n', { constraints: [{ order: ['low', 'high'] }] }),
      'Cannot read the table: constraints[0] must be true of every row, got [3, 2] for low, high in row 2 (line 3)',
    ],
    [
      'a total that is summed before it is computed',
      () =>
        tableDataset('a,b,c,d\n3,2,1,1\n6,4,2,2\n', {
          constraints: [
            { total: 'a', of: ['b', 'c'] },
            { total: 'b', of: ['c', 'd'] },
          ],
        }),
      "constraints[1].total must be computed before constraints[0] sums it, got 'b'. List the constraint of the inner total first",
    ],
    [
      'two totals of one column',
      () =>
        tableDataset('a,b,c\n3,2,1\n6,4,2\n', {
          constraints: [
            { total: 'a', of: ['b', 'c'] },
            { total: 'a', of: ['c', 'b'] },
          ],
        }),
      "constraints[1].total must be a column that is no total yet, got 'a' again",
    ],
    [
      'a range that the data leave',
      () => tableDataset('age\n7\n130\n7\n', { constraints: [{ range: 'age', min: 0, max: 120 }] }),
      'Cannot read the table: constraints[0] must be true of every row, got [130] for age in row 2 (line 3)',
    ],
    [
      'a bound that is no value of its column',
      () =>
        tableDataset('day\n2024-01-01\n2024-01-02\n', {
          constraints: [{ range: 'day', min: 'May' }],
        }),
      "Cannot read the table: constraints[0].min must be a value as in column day, got 'May'",
    ],
    [
      'a range without bounds',
      () => tableDataset('age\n7\n9\n7\n', { constraints: [{ range: 'age' }] }),
      'constraints[0] must be { total, of }, { order }, { together }, { range, min, max } or { unique }, got { range }',
    ],
    [
      'values that are to be unique and come again',
      () =>
        tableDataset('day,city\n1,a\n1,b\n,a\n,a\n1,b\n', {
          constraints: [{ unique: ['day', 'city'] }],
        }),
      "constraints[0] must be true of every row, got [1, 'b'] for day, city in row 5 (line 6)",
    ],
    [
      'a constraint on a column that is not there',
      () => tableDataset('a\n1\n2\n', { constraints: [{ order: ['a', 'b'] }] }),
      "Cannot read the table: constraints[0] must name columns of the table, got 'b'. There are a",
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('refuses to learn a table in which nothing comes again', () => {
    const table = tableDataset([{ a: 1, b: 'x' }]);
    expect(() => table.codec).toThrow(
      "Cannot learn the table 'table': it must have a column with at least two values that come again, got " +
        'a (constant), b (constant)',
    );
  });

  test('takes a column as what it is said to be', () => {
    const text = csv(texts((i) => String(i)));
    expect(kindOf(tableDataset(text, { columns: { x: 'real' } }))).toBe('real');
    expect(kindOf(tableDataset(text, { columns: { x: { kind: 'category' } } }))).toBe('category');
    expect(tableDataset('a,b\n1,x\n2,y\n', { columns: { b: 'ignore' } }).rows()).toEqual([
      { a: 1 },
      { a: 2 },
    ]);
  });

  test('reads any cells, or refuses them with the row and the column', () => {
    const cell = fc.oneof(
      fc.constantFrom(
        '',
        'NA',
        'inf',
        '1e999',
        '=1',
        '1,5',
        '0x10',
        '٣',
        '2026-02-30',
        'true',
        '007',
      ),
      fc.double().map(String),
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.date(),
      fc.array(fc.integer()),
    );
    const outcome = (cells: readonly unknown[]): string => {
      try {
        const table = tableDataset(column(cells));
        if (table.columns[0]!.kind === 'constant' || table.columns[0]!.kind === 'id') return 'read';
        return Number.isFinite(table.codec.width) ? 'read' : 'broken';
      } catch (error) {
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 30 }), (cells) => {
        expect(outcome(cells)).toMatch(
          /^read$|the column 'x' must hold .*, got .* (in row|in) \d+/s,
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('TableDataset', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    common: i === 7 ? 'rare' : 'often',
    value: i,
  }));

  test('gives partners that have the value of their condition', async () => {
    const table = tableDataset(rows, { columns: { value: 'integer' } });
    const width = table.codec.width;
    for await (const { samples, condition } of table.batches({ batchSize: 100, seed: 1 })) {
      const [values, asked] = [await samples.data(), await condition!.data()];
      const place = table.codec.places.find(({ codec }) => codec.name === 'common')!;
      const found = Array.from({ length: 100 }, (_, i) =>
        [0, 1].map((choice) => [
          values[i * width + place.first + choice],
          asked[i * table.codec.conditionWidth + choice],
        ]),
      );
      expect(found.flat().every(([has, wants]) => has === wants)).toBe(true);
      samples.dispose();
      condition!.dispose();
    }
  });

  test('draws values in proportion to the logarithm of their frequency', async () => {
    const table = tableDataset(rows);
    let rare = 0;
    let all = 0;
    for (let seed = 0; seed < 5; seed += 1) {
      for await (const { samples, condition } of table.batches({ batchSize: 500, seed })) {
        const asked = await condition!.data();
        for (let i = 1; i < asked.length; i += 2) rare += asked[i]!;
        all += asked.length / 2;
        samples.dispose();
        condition!.dispose();
      }
    }
    const share = Math.log(2) / (Math.log(2) + Math.log(1000));
    expect(rare / all).toBeCloseTo(share, 1.5);
  });

  test('has no conditions if no column has values that come again', () => {
    const random = new Random(3);
    const table = tableDataset(column(Array.from({ length: 50 }, () => random.uniform())));
    expect(table.tensors).toEqual({});
  });
});
