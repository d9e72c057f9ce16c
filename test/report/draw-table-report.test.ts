import { describe, expect, test } from 'vitest';
import { type TableReportOptions, tableReport } from 'tfjs-gan/tabular';
import { alignTables } from '../../src/metrics/table/aligned-tables.ts';
import { drawTableReport } from '../../src/report/draw-table-report.ts';
import { histogramsOf } from '../../src/report/page/histogram.ts';

type Rows = readonly object[];

function page(real: Rows, made: Rows, options: TableReportOptions = {}): string {
  const columns = alignTables('draw', ['real', 'synthetic'], [real, made]);
  const report = tableReport(real, made, options);
  return drawTableReport({
    title: 'a <table>',
    writtenAt: '2026-01-31T09:05:00Z',
    report,
    columns,
  });
}

const real = Array.from({ length: 40 }, (_, i) => ({
  size: i % 4 === 0 ? 'large' : 'small',
  mass: i % 4 === 0 ? 90 + (i % 5) : i % 7,
  'born <at>': new Date(Date.UTC(2020, i % 12, 1)),
}));

describe('drawTableReport', () => {
  test('shows each column, related pairs and copies, with text from outside escaped', () => {
    const html = page(real, real.toReversed());
    expect(html).toContain('<h1>a &lt;table&gt;: generated rows</h1>');
    expect(html).toContain('40 generated rows beside 40 real ones.');
    expect(html).toContain('<h3>born &lt;at&gt;</h3>');
    expect(html).not.toContain('<at>');
    // The same rows: alike, related, and all of them copies.
    expect(html).toMatch(/Columns alike<\/dt><dd>100 %/);
    expect(html).toMatch(/size and mass<\/th><td><span class="good">kept/);
    expect(html).toMatch(/Copies<\/dt><dd>100 %/);
    expect(html).toContain('Without held-out real rows, there is nothing to compare with.');
  });

  test('calls a relation lost if it is weaker than in shuffled columns', () => {
    const swapped = real.map((row, i) => ({ ...row, size: real[(i + 1) % 40]!.size }));
    expect(page(real, swapped)).toMatch(/size and mass<\/th><td><span class="bad">lost/);
  });

  test('adds usefulness and what held-out rows show', () => {
    const html = page(real, real, { heldOut: real, target: 'size' });
    expect(html).toMatch(/Predicting size<\/dt><dd>100 %/);
    expect(html).toContain('Membership attack');
    expect(html).not.toContain('nothing to compare with');
  });

  test('draws an axis for one value beside missing ones', () => {
    const days = real.map((row, i) => ({
      ...row,
      'born <at>': i % 2 === 0 ? new Date(Date.UTC(2020, 1, 1)) : null,
      mass: i % 3 === 0 ? 4.5 : null,
    }));
    const html = page(days, days);
    expect(html).toContain('>2020-02-01</text>');
    expect(html).not.toContain('NaN');
  });

  test('loads nothing', () => {
    expect(page(real, real)).toContain("default-src 'none'");
  });
});

describe('histogramsOf', () => {
  test('counts shares of rows, missing ones apart, and gathers rare categories', () => {
    const rows = (shift: number): Rows =>
      Array.from({ length: 60 }, (_, i) => ({
        n: i % 6 === 0 ? null : i % 3 === 0 ? 0 : 23.5 + shift,
        code: `c${i % 15}`,
        flag: i % 4 === 0,
      }));
    const columns = alignTables('draw', ['real', 'synthetic'], [rows(0), rows(100)]);
    const [n, code, flag] = histogramsOf(columns);
    expect(n!.labels).toEqual(['missing']);
    expect(n!.edges).toEqual([0, 23.5]);
    const rounded = (shares: readonly number[]): number[] =>
      shares.map((x) => Number(x.toFixed(9)));
    // Zeros in the first part, 23.5 in the last one; generated 123.5 counts as the end of the range.
    const expected = [1 / 6, ...new Array<number>(22).fill(0), 2 / 3, 1 / 6];
    expect(rounded(n!.real)).toEqual(rounded(expected));
    expect(rounded(n!.made)).toEqual(rounded(expected));
    expect(code!.labels).toHaveLength(13);
    expect(code!.labels.at(-1)).toBe('3 others');
    expect(code!.real.at(-1)).toBeCloseTo(3 / 15, 9);
    expect(flag!.labels).toEqual(['false', 'true']);
    expect(rounded(flag!.real)).toEqual([0.75, 0.25]);
  });
});
