import { describe, expect, test } from 'vitest';
import { readPair } from '../../src/metrics/features.ts';
import { distanceAlong, slicedWasserstein } from '../../src/metrics/sliced-wasserstein.ts';
import { expectNear, golden, normal, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

describe('distanceAlong', () => {
  const directions = golden.directions.map((direction) => Float32Array.from(direction));

  test.each(
    (['fake', 'fewer'] as const).flatMap((name) =>
      ([1, 2] as const).map((order) => ({ name, order })),
    ),
  )('agrees with scipy: $name samples, order $order', async ({ name, order }) => {
    const tables = await readPair('test', golden.real, golden[name]);
    expectNear(await distanceAlong(tables, directions, order), golden.sliced[name][`${order}`]);
  });
});

describe('slicedWasserstein', () => {
  test('is the Wasserstein distance of numbers, for sets of different sizes', async () => {
    // {0, 3} to {0, 0, 0, 6}: half stays, a quarter moves 3 down, a quarter 3 up.
    const [real, fake] = [[[0], [3]], [[0], [0], [0], [6]]]; // prettier-ignore
    expectNear(await slicedWasserstein(real, fake, { order: 1 }), 1.5, 1e-12);
    expectNear(await slicedWasserstein(real, fake), Math.sqrt(4.5), 1e-12);
  });

  test('of a moved cloud is the length of the move over √features, on average', async () => {
    const real = normal(400, 16, 1);
    const distance = await slicedWasserstein(real, real.add<typeof real>(2), {
      projections: 2_000,
    });
    // Each of 16 numbers moves by 2: E(θ·t)² = ‖t‖²/16 = 4, and 2,000 directions scatter by some percent.
    expect(Math.abs(distance - 2)).toBeLessThan(0.15);
  });

  test('gives the same for the same seed and leaves no tensors behind', async () => {
    const judge = (seed: number): Promise<number> =>
      slicedWasserstein(golden.real, golden.fake, { seed });
    expect(await judge(1)).toBe(await judge(1));
    expect(await judge(1)).not.toBe(await judge(2));
    expect(await slicedWasserstein(golden.real, golden.real)).toBe(0);
    expect(await tensorsLeft(() => judge(1))).toBe(0);
  });

  test.each([
    [{ projections: 0 }, 'projections must be a positive integer, got 0'],
    [{ order: 3 as 2 }, 'order must be one of 1, 2, got 3'],
  ])('refuses %j', async (options, message) => {
    await expect(slicedWasserstein(golden.real, golden.fake, options)).rejects.toThrow(
      `Cannot compute the sliced Wasserstein distance: ${message}`,
    );
  });
});
