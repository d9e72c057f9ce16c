import { describe, expect, test } from 'vitest';
import { precisionRecall } from '../../src/metrics/precision-recall.ts';
import { bothKinds, golden, normal, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

describe('precisionRecall', () => {
  test.each([3, 5] as const)('agrees with scikit-learn, %i neighbors', async (neighbors) => {
    const wanted = golden.prdc[`${neighbors}`];
    for (const real of bothKinds(golden.real)) {
      const judged = await precisionRecall(real, golden.fewer, { neighbors });
      for (const [name, value] of Object.entries(judged)) {
        expect(value).toBeCloseTo(wanted[name as keyof typeof wanted], 12);
      }
    }
  });

  test('has recall 1 and full precision for a copy of the real samples', async () => {
    const judged = await precisionRecall(golden.real, golden.real, { neighbors: 3 });
    expect(judged).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
    // Each fake lies in its own ball and, the border left out, in those of two neighbors of each ball's owner.
    expect(judged.density).toBeCloseTo(1, 12);
  });

  test('decides exactly at the border, far from the origin', async () => {
    // Balls of radius exactly 1 around 10,000 and 10,001: what lies at 1 is outside, whatever float32 makes of it.
    const real = [[10_000, 0], [10_001, 0]]; // prettier-ignore
    const outside = [[10_002, 0], [9_999, 0]]; // prettier-ignore
    const inside = [[10_001.999, 0], [9_999.001, 0]]; // prettier-ignore
    const at = (fake: number[][]): Promise<{ precision: number }> =>
      precisionRecall(real, fake, { neighbors: 1 });
    expect((await at(outside)).precision).toBe(0);
    expect((await at(inside)).precision).toBe(1);
  });

  test('takes more samples than a block holds', async () => {
    const [real, fake] = [normal(2_300, 2, 1), normal(2_100, 2, 2)];
    const judged = await precisionRecall(real, fake, { neighbors: 5 });
    // Equal distributions: precision and recall near 1, density near 1, coverage near 1 − 2⁻⁵.
    expect(judged.precision).toBeGreaterThan(0.95);
    expect(judged.recall).toBeGreaterThan(0.95);
    expect(Math.abs(judged.density - 1)).toBeLessThan(0.1);
    expect(Math.abs(judged.coverage - (1 - 2 ** -5))).toBeLessThan(0.03);
  });

  test('leaves no tensors behind', async () => {
    expect(await tensorsLeft(() => precisionRecall(golden.real, golden.fake))).toBe(0);
  });

  test.each([
    [{ neighbors: 50 }, 'fake must have at least 51 samples to have 50 neighbors each, got 50'],
    [{ neighbors: 0 }, 'neighbors must be a positive integer, got 0'],
  ])('refuses %j', async (options, message) => {
    await expect(precisionRecall(golden.real, golden.fewer, options)).rejects.toThrow(
      `Cannot compute precision and recall: ${message}`,
    );
  });
});
