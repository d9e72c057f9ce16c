import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawCurves } from '../../src/report/curves.ts';

/** The points of each line that is drawn, by color; a gap begins a new list. */
function linesOf(svg: string): { color: string; faint: boolean; pieces: number[][][] }[] {
  const paths = svg.matchAll(/<path class="line( faint)?" stroke="([^"]*)" d="([^"]*)"/g);
  return [...paths].map(([, faint, color = '', d = '']) => ({
    color,
    faint: faint !== undefined,
    pieces: d
      .split('M')
      .slice(1)
      .map((piece) => piece.split('L').map((point) => point.split(' ').map(Number))),
  }));
}

/** Reads the document as XML, strictly enough to notice a tag or an entity that is not closed. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?:\s+[a-zA-Z:-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*)\s*(\/?)>/g,
    (...match) => {
      const [, closing, name, , alone] = match as string[];
      // What closes another tag than the last one stays open.
      if (closing && open.at(-1) === name) open.pop();
      else if (!alone) open.push(`${closing ?? ''}${name ?? ''}`);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest.replace(/&(amp|lt|gt|quot);/g, '')).not.toMatch(/[<>&]/);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
}

describe('drawCurves', () => {
  test('puts values at their positions on the axes', () => {
    const svg = drawCurves([{ name: 'loss', values: [0, 1, 0.5] }]);
    expectWellFormed(svg);
    const [[start, peak, end] = []] = linesOf(svg)[0]?.pieces ?? [];
    const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = [
      start,
      peak,
      end,
    ];
    expect([x1 - x0, y2 - y1]).toEqual([
      expect.closeTo(x2 - x1, 0),
      expect.closeTo((y0 - y1) / 2, 0),
    ]);
    // The tick labels stand four pixels below the line they name.
    const place = (label: string): number =>
      Number(new RegExp(`y="([\\d.]+)" text-anchor="end">${label}<`).exec(svg)?.[1]) - 4;
    expect([place('0'), place('1.0')]).toEqual([expect.closeTo(y0, 1), expect.closeTo(y1, 1)]);
  });

  test('gives each curve a color of its own and names it', () => {
    const names = ['discriminator', 'generator', 'a < b & "c"'];
    const svg = drawCurves(
      names.map((name, i) => ({ name, values: [i, i + 1] })),
      { title: '<T> & co' },
    );
    expectWellFormed(svg);
    expect(new Set(linesOf(svg).map(({ color }) => color)).size).toBe(3);
    expect(svg).toContain('>discriminator<');
    expect(svg).toContain('>a &lt; b &amp; &quot;c&quot;<');
    expect(svg).toContain('>&lt;T&gt; &amp; co<');
  });

  test('leaves a gap if a value is NaN or infinite', () => {
    const svg = drawCurves([{ name: 'a', values: [1, 2, NaN, 3, 4, Infinity, 5, 6] }]);
    expect(linesOf(svg)[0]?.pieces.map((piece) => piece.length)).toEqual([2, 2, 2]);
  });

  test('draws a dot for a point alone', () => {
    const svg = drawCurves([{ name: 'a', values: [3] }]);
    expectWellFormed(svg);
    expect(svg.match(/class="dot"/g)).toHaveLength(1);
    expect(drawCurves([{ name: 'a', values: [1, 2, NaN, 3] }]).match(/class="dot"/g)).toHaveLength(
      1,
    );
  });

  test.each([
    ['no curves', []],
    ['no values', [{ name: 'a', values: [] }]],
    ['nothing but gaps', [{ name: 'a', values: [NaN, Infinity] }]],
  ])('says so if there are %s', (_, curves) => {
    const svg = drawCurves(curves);
    expectWellFormed(svg);
    expect(svg).toContain('>no values<');
    expect(linesOf(svg)).toEqual([]);
  });

  test('shows the moving average over the faint values', () => {
    const svg = drawCurves([{ name: 'a', values: [0, 4, 0, 4] }], { smoothing: 0.5 });
    const [raw, averaged] = linesOf(svg);
    expect([raw?.faint, averaged?.faint]).toEqual([true, false]);
    // Debiased: 0, (4/2)/(3/4), (4/4)/(7/8), (1/2 + 4/2)/(15/16)
    const expected = [0, 8 / 3, 8 / 7, 8 / 3];
    const heights = (raw?.pieces[0] ?? []).map(([, y = 0]) => y);
    const unit = ((heights[0] ?? 0) - (heights[1] ?? 0)) / 4;
    averaged?.pieces[0]?.forEach(([, y = 0], i) => {
      expect(((heights[0] ?? 0) - y) / unit).toBeCloseTo(expected[i] ?? NaN, 2);
    });
  });

  test('thins long runs out, keeping every extreme the eye would see', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => Math.sin(i / 1000));
    values[54_321] = 9;
    const svg = drawCurves([{ name: 'a', values }]);
    expect(svg.length).toBeLessThan(60_000);
    const heights =
      linesOf(svg)[0]
        ?.pieces.flat()
        .map(([, y = 0]) => y) ?? [];
    expect(heights.filter((y) => y < Math.min(...heights) + 1)).toHaveLength(1);
  });

  test('draws numbers next to zero as zero', () => {
    const svg = drawCurves([{ name: 'a', values: [-5e-324, 1.5e-323, 1e-305] }]);
    expect(svg).toContain('>1.0</text>');
    expect(svg).not.toContain('NaN');
  });

  test('puts values at their steps', () => {
    const svg = drawCurves([
      { name: 'a', values: [1, 1], steps: [0, 10] },
      { name: 'b', values: [2, 2], steps: [5, 10] },
    ]);
    const [a, b] = linesOf(svg).map(({ pieces }) => pieces[0]?.map(([x = 0]) => x) ?? []);
    expect(b?.[1]).toBe(a?.[1]);
    expect(b?.[0]).toBeCloseTo(((a?.[0] ?? 0) + (a?.[1] ?? 0)) / 2, 0);
  });

  test('stays whole and inside its frame for any numbers', () => {
    const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 })), {
      maxLength: 20,
    });
    const curve = fc.record({ name: fc.string({ unit: 'binary' }), values: numbers });
    fc.assert(
      fc.property(fc.array(curve, { maxLength: 9 }), fc.string(), (curves, title) => {
        const svg = drawCurves(curves, { title, width: 400, height: 300, smoothing: 0.3 });
        expectWellFormed(
          svg.replace(/>[^<]*</g, (text) => text.replace(/NaN|Infinity|undefined/g, '')),
        );
        for (const [x = 0, y = 0] of linesOf(svg).flatMap(({ pieces }) => pieces.flat())) {
          expect(x >= 0 && x <= 400 && y >= 0 && y <= 400).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    [{ smoothing: 1 }, 'Cannot draw curves: smoothing must be at least 0 and less than 1, got 1'],
    [{ width: 0 }, 'Cannot draw curves: width must be a positive number, got 0'],
    [{ height: NaN }, 'Cannot draw curves: height must be a positive number, got NaN'],
  ])('refuses %o', (options, message) => {
    expect(() => drawCurves([], options)).toThrow(message);
  });

  test('refuses steps of another length', () => {
    expect(() => drawCurves([{ name: 'a', values: [1, 2], steps: [1] }])).toThrow(
      "Cannot draw curves: 'a' must have a step for each of its 2 values, got 1",
    );
  });
});
