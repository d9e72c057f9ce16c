import { describe, expect, test } from 'vitest';
import { grid25 } from '../../src/data/grid25.ts';
import type { MixtureDataset } from '../../src/data/mixture.ts';
import { ring8 } from '../../src/data/ring8.ts';
import { datasetContract, labelsOf, valuesOf } from './dataset-contract.ts';

/** Offsets of all points from their mode, and how many points each mode has. */
async function scatter(dataset: MixtureDataset): Promise<{ offsets: number[]; counts: number[] }> {
  const [values = []] = await valuesOf(dataset, { batchSize: dataset.size });
  const [labels = []] = await labelsOf(dataset, { batchSize: dataset.size });
  const offsets = values.map(
    (value, i) => value - (dataset.modes[labels[i >> 1] ?? -1]?.[i & 1] ?? NaN),
  );
  const counts = dataset.modes.map((_, mode) => labels.filter((label) => label === mode).length);
  return { offsets, counts };
}

describe.each([
  { maker: ring8, name: 'ring8', modes: 8, sigma: 0.01 },
  { maker: grid25, name: 'grid25', modes: 25, sigma: 0.05 },
])('$name', ({ maker, name, modes, sigma }) => {
  datasetContract(
    () => maker({ size: 10 }),
    ([x = NaN, y = NaN]) => {
      const distances = maker({ size: 1 }).modes.map((mode) =>
        Math.hypot(x - (mode[0] ?? NaN), y - (mode[1] ?? NaN)),
      );
      return distances.indexOf(Math.min(...distances));
    },
  );

  test('follows the protocol of PacGAN', async () => {
    const dataset = maker();
    expect([dataset.name, dataset.size, dataset.sampleShape]).toEqual([name, 100_000, [2]]);
    expect([dataset.modes.length, dataset.classes]).toEqual([modes, modes]);
    expect(dataset.standardDeviation).toBe(sigma);

    const { offsets, counts } = await scatter(dataset);
    // Means of 200,000 offsets scatter by σ/√200000, their deviation by σ/√400000; counts are binomial.
    const mean = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length;
    const square = offsets.reduce((sum, offset) => sum + offset * offset, 0) / offsets.length;
    expect(Math.abs(mean)).toBeLessThan((5 * sigma) / Math.sqrt(200_000));
    expect(Math.abs(Math.sqrt(square) - sigma)).toBeLessThan((5 * sigma) / Math.sqrt(400_000));
    const expected = 100_000 / modes;
    for (const count of counts) {
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  test('gives the same points for the same seed, others for another', async () => {
    const points = async (seed: number): Promise<number[][]> =>
      valuesOf(maker({ size: 20, seed }), { batchSize: 20 });
    expect(await points(4)).toEqual(await points(4));
    expect(await points(4)).not.toEqual(await points(5));
  });

  test('puts points on the modes without scatter', async () => {
    const { offsets } = await scatter(maker({ size: 50, standardDeviation: 0 }));
    for (const offset of offsets) expect(offset).toBeCloseTo(0, 6);
  });

  test.each([
    [{ size: 0 }, `Cannot draw ${name}: size must be a positive integer, got 0`],
    [{ seed: 0.5 }, `Cannot draw ${name}: seed must be an integer, got 0.5`],
    [
      { standardDeviation: NaN },
      `Cannot draw ${name}: standardDeviation must be a number of at least 0, got NaN`,
    ],
  ])('refuses %o', (options, message) => {
    expect(() => maker(options)).toThrow(message);
  });
});

test('ring8 has its modes on the unit circle, grid25 from −4 to 4 in steps of 2', () => {
  const ring = ring8({ size: 1 }).modes;
  for (const mode of ring) expect(Math.hypot(...mode)).toBeCloseTo(1, 12);
  const first = ring[0] ?? [];
  const second = ring[1] ?? [];
  expect(
    Math.hypot((first[0] ?? 0) - (second[0] ?? 0), (first[1] ?? 0) - (second[1] ?? 0)),
  ).toBeCloseTo(2 * Math.sin(Math.PI / 8), 12);
  const sides = [-4, -2, 0, 2, 4];
  expect(grid25({ size: 1 }).modes).toEqual(sides.flatMap((x) => sides.map((y) => [x, y])));
});
