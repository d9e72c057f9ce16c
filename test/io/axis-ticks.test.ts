import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisTicks } from '../../src/io/axis-ticks.ts';

describe('axisTicks', () => {
  test.each([
    [0, 1, 5, '0 0.2 0.4 0.6 0.8 1.0'],
    [-0.3, 2.6, 6, '−0.5 0 0.5 1.0 1.5 2.0 2.5 3.0'],
    [1, 6, 5, '1 2 3 4 5 6'],
    [0.69, 0.9, 5, '0.65 0.70 0.75 0.80 0.85 0.90'],
    [0, 46_900, 5, '0 10k 20k 30k 40k 50k'],
    [0, 2_500_000, 5, '0 0.5M 1.0M 1.5M 2.0M 2.5M'],
    [0, 8000, 4, '0 2000 4000 6000 8000'],
    [-1e12, 5e12, 4, '−2e12 0 2e12 4e12 6e12'],
    [0, 4e-7, 4, '0 1e-7 2e-7 3e-7 4e-7'],
  ])('from %d to %d reads %s', (low, high, count, labels) => {
    expect(
      axisTicks(low, high, count)
        .map(({ label }) => label)
        .join(' '),
    ).toBe(labels.replace(/(?<=e)-/g, '−'));
  });

  test('is never finer than the smallest step', () => {
    expect(axisTicks(0, 2, 8, 1).map(({ value }) => value)).toEqual([0, 1, 2]);
  });

  test('spans any range with few, different labels', () => {
    const number = fc.double({ min: -1e299, max: 1e299, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 2, max: 10 }), (a, b, count) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high)) && high - low > 1e-300);
        const ticks = axisTicks(low, high, count);
        const step = (ticks[1]?.value ?? NaN) - (ticks[0]?.value ?? NaN);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThan(count + 3);
        expect(ticks[0]?.value).toBeLessThanOrEqual(low + step * 1e-6);
        expect(ticks.at(-1)?.value).toBeGreaterThanOrEqual(high - step * 1e-6);
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
      }),
      { numRuns: 500 },
    );
  });
});
