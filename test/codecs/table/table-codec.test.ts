import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataFormatError } from 'tfjs-gan';
import { Random } from '../../../src/core/random.ts';
import { TableCodec } from '../../../src/codecs/table/table-codec.ts';
import { tableDataset } from '../../../src/data/table/read-table.ts';
import type { TableDataset } from '../../../src/data/table/table-dataset.ts';
import type { TableRow } from '../../../src/codecs/table/table-row.ts';

/** All rows through numbers and back. */
function roundTrip(table: TableDataset, codec: TableCodec = table.codec): TableRow[] {
  const encoded = codec.encode(table.data);
  return Array.from({ length: table.size }, (_, row) => {
    const values = new Float32Array(codec.width);
    codec.writeRow(encoded, row, values, 0);
    return codec.decode(values, { random: new Random(0), wanted: {} });
  });
}

const random = new Random(5);
const noise = random.normalArray(600);
const mixed = Array.from({ length: 600 }, (_, i) => ({
  id: i,
  name: ['Adelie', 'Gentoo', '__proto__'][i % 3]!,
  grade: (i * 7) % 5,
  mass: Math.round(4000 + 500 * noise[i]!),
  beak: i % 10 === 0 ? null : Math.round((40 + 4 * noise[i]!) * 10) / 10,
  cost: i % 20 === 0 ? Math.round(Math.exp(8 + noise[i]!)) : 0,
  tail: Math.round(Math.exp(3 * noise[i]!) * 10) / 10,
  seen: i % 2 === 0,
  on: `2026-${String(1 + (i % 12)).padStart(2, '0')}-${String(1 + (i % 28)).padStart(2, '0')}`,
  at: new Date(Date.UTC(2026, 0, 1, i)),
  country: 'CH',
}));

describe('TableCodec', () => {
  test('has an exact inverse for every kind of column', () => {
    const table = tableDataset(mixed);
    const kinds = table.columns.map(({ kind }) => kind);
    expect(kinds).toEqual([
      ...['id', 'category', 'integer', 'integer', 'real', 'integer', 'real'],
      ...['boolean', 'date', 'date', 'constant'],
    ]);
    const rows = roundTrip(table);
    const learned = mixed.map(({ id: _id, ...row }) => row);
    expect(rows.map(({ id: _id, ...row }) => row)).toEqual(learned);
  });

  test('has an exact inverse for any column of integers', () => {
    const values = fc.array(fc.option(fc.integer({ min: -100_000, max: 100_000 })), {
      minLength: 2,
      maxLength: 60,
    });
    fc.assert(
      fc.property(values, (cells) => {
        fc.pre(new Set(cells).size > 1);
        const table = tableDataset(
          cells.map((x) => ({ x, y: 1 })),
          { columns: { x: 'integer' } },
        );
        expect(roundTrip(table).map(({ x }) => x)).toEqual(cells);
      }),
      { numRuns: 60 },
    );
  });

  test('keeps numbers in −0.99…0.99, and one choice in each span', () => {
    const { codec, data } = tableDataset(mixed);
    const encoded = codec.encode(data);
    const row = new Float32Array(codec.width);
    codec.writeRow(encoded, 3, row, 0);
    for (const { codec: one, first } of codec.places) {
      const span = row.slice(first, first + one.choices);
      expect([...span].filter((value) => value === 1)).toHaveLength(1);
      expect(span.reduce((a, b) => a + b)).toBe(1);
      const number = one.hasNumber ? row[first - 1]! : 0;
      expect(Math.abs(number)).toBeLessThanOrEqual(Math.fround(0.99));
    }
  });

  test('is the same after JSON', () => {
    const table = tableDataset(mixed, { constraints: [{ together: ['name', 'seen'] }] });
    const loaded = TableCodec.fromJSON(JSON.parse(JSON.stringify(table.codec)), 'x');
    expect(roundTrip(table, loaded)).toEqual(roundTrip(table));
    expect(loaded.checksum).toBe(table.codec.checksum);
    expect(loaded.holds({ ...mixed[0]!, seen: true })).toBe(true);
    expect(loaded.holds({ ...mixed[0]!, name: 'Yeti' })).toBe(false);
  });

  test('refuses JSON of another kind or version', () => {
    expect(() => TableCodec.fromJSON({}, "'a'")).toThrow(
      "Cannot load a table generator: 'a' must hold the columns of a table, got a generator without them. " +
        'Save it by TableGenerator.save, or load it by Generator.load',
    );
    const json = { ...tableDataset(mixed).codec.toJSON(), version: 9 };
    expect(() => TableCodec.fromJSON(json, "'a'")).toThrow(
      "Cannot load a table generator: the columns in 'a' must be of version 1, got 9. " +
        'Load it with the version of this library that saved it',
    );
  });

  test('lets the rarest categories share a choice, and draws them by their frequency', () => {
    const cells = Array.from({ length: 100 }, (_, i) => ({
      x: i < 50 ? 'a' : i < 80 ? 'b' : i < 98 ? 'c' : 'd',
      y: i % 2 === 0,
    }));
    const { codec } = tableDataset(cells, { columns: { x: { maxCategories: 3 } } });
    const [{ codec: x, first }] = codec.places as [(typeof codec.places)[0]];
    expect(x.counts).toEqual([50, 30, 20]);
    const row = new Float32Array(codec.width);
    row[first + 2] = 1;
    const source = new Random(1);
    const drawn = Array.from(
      { length: 500 },
      () => codec.decode(row, { random: source, wanted: {} })['x'],
    );
    expect(drawn.filter((value) => value === 'd').length / 500).toBeCloseTo(0.1, 1);
    const wanted = { x: (value: unknown) => value === 'd' };
    expect(codec.decode(row, { random: source, wanted })['x']).toBe('d');
  });

  test('keeps some of very many categories, and counts the rows of all', () => {
    const cells = Array.from({ length: 30_000 }, (_, i) => ({
      x: i < 2000 ? 'often' : `x${i >> 1}`,
    }));
    const { codec, data } = tableDataset(cells, { columns: { x: { maxCategories: 2 } } });
    expect(codec.columns[0]!.counts).toEqual([2000, 28_000]);
    const { choices } = codec.encode(data)[0]!;
    const rare = Array.from(choices).filter((choice) => choice === 1);
    expect(rare).toHaveLength(28_000);
    expect(TableCodec.fromJSON(JSON.parse(JSON.stringify(codec)), 'x').checksum).toBe(
      codec.checksum,
    );
  });

  test.each<[name: string, change: Record<string, unknown>]>([
    ['without its levels', { levels: undefined }],
    ['of an unknown type', { type: 'vector' }],
  ])('refuses a column %s', (_, change) => {
    const { codec } = tableDataset('city\nBern\nZug\nBern\n');
    const json = JSON.parse(JSON.stringify(codec)) as { columns: Record<string, unknown>[] };
    const damaged = { ...json, columns: json.columns.map((column) => ({ ...column, ...change })) };
    const load = (): unknown => TableCodec.fromJSON(damaged, "'x'");
    expect(load).toThrow(DataFormatError);
    expect(load).toThrow("the columns in 'x' must be as they were saved");
  });

  test('creates new ids', () => {
    const ids = (cells: (i: number) => unknown): unknown[] => {
      const rows = Array.from({ length: 30 }, (_, i) => ({ id: cells(i), x: i % 3 }));
      const { codec } = tableDataset(rows);
      return codec.withIds([{ id: null }, { id: null }]).map(({ id }) => id);
    };
    expect(ids((i) => 100 + i)).toEqual([130, 131]);
    expect(ids((i) => `C${String(i).padStart(4, '0')}`)).toEqual(['C0030', 'C0031']);
    expect(ids((i) => `${i}@x.org`)).toEqual(['id-new-1', 'id-new-2']);
  });

  test('computes totals', () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      a: i % 10 === 0 ? null : i * 0.1,
      b: i,
      sum: i % 10 === 0 ? null : Number((i * 0.1 + i).toFixed(6)),
    }));
    const fixed = rows.map((row) => ({
      ...row,
      a: row.a === null ? null : Number(row.a.toFixed(6)),
    }));
    const table = tableDataset(fixed, {
      constraints: [{ total: 'sum', of: ['a', 'b'] }],
      columns: { b: 'integer' },
    });
    expect(table.codec.places.map(({ codec }) => codec.name)).toEqual(['a', 'b']);
    expect(roundTrip(table).map(({ sum }) => sum)).toEqual(fixed.map(({ sum }) => sum));
  });
});
