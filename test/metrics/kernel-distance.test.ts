import { describe, expect, test } from 'vitest';
import { kernelDistance } from '../../src/metrics/kernel-distance.ts';
import { bothKinds, expectNear, golden, normal, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

describe('kernelDistance', () => {
  test('agrees with scikit-learn on all samples', async () => {
    for (const real of bothKinds(golden.real)) {
      const judged = await kernelDistance(real, golden.fake, { subsets: 2, subsetSize: 60 });
      expectNear(judged.mean, golden.kernel);
      expect(judged.deviation).toBeLessThan(1e-5 * golden.kernel);
    }
  });

  test('has the same mean on subsets, scattered as its deviation says', async () => {
    const { mean, deviation } = await kernelDistance(golden.real, golden.fake, {
      subsets: 400,
      subsetSize: 20,
    });
    expect(deviation).toBeGreaterThan(0);
    expect(Math.abs(mean - golden.kernel)).toBeLessThan((5 * deviation) / Math.sqrt(400));
  });

  test('is zero on average for equal distributions, however few samples', async () => {
    const { mean, deviation } = await kernelDistance(normal(2_000, 4, 1), normal(2_000, 4, 2), {
      subsetSize: 20,
      subsets: 400,
    });
    expect(Math.abs(mean)).toBeLessThan((5 * deviation) / Math.sqrt(400));
  });

  test('gives the same for the same seed, and leaves no tensors behind', async () => {
    const judge = (seed: number): Promise<unknown> =>
      kernelDistance(golden.real, golden.fewer, { subsets: 3, subsetSize: 10, seed });
    expect(await judge(1)).toEqual(await judge(1));
    expect(await judge(1)).not.toEqual(await judge(2));
    expect(await tensorsLeft(() => judge(1))).toBe(0);
  });

  test.each([
    [{ subsetSize: 51 }, 'fake must have at least 51 samples for a subset, got 50'],
    [{ subsetSize: 1 }, 'subsetSize must be at least 2, got 1'],
    [{ subsets: 0 }, 'subsets must be a positive integer, got 0'],
    [{ seed: -1 }, 'seed must be an integer of at least 0 and less than 2³², got -1'],
  ])('refuses %j', async (options, message) => {
    await expect(kernelDistance(golden.real, golden.fewer, options)).rejects.toThrow(
      `Cannot compute the kernel distance: ${message}`,
    );
  });

  test('refuses one sample', async () => {
    await expect(kernelDistance([[1]], [[2]])).rejects.toThrow(
      'Cannot compute the kernel distance: real must have at least 2 samples for a subset, got 1',
    );
  });
});
