import { adam, Random, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { createCtgan, tableDataset } from 'tfjs-gan/tabular';
import { expect, test } from 'vitest';

/** A category with its share, and what the other columns are given it: a normal number, and true or false. */
const parts = [
  { name: 'a', share: 0.5, mean: -4, deviation: 0.5, wet: 0.9 },
  { name: 'b', share: 0.3, mean: 0, deviation: 1, wet: 0.5 },
  { name: 'c', share: 0.2, mean: 6, deviation: 0.7, wet: 0.1 },
] as const;

/** The share of a standard normal distribution below `z`, by Simpson's rule. */
function normalCdf(z: number): number {
  const step = Math.min(Math.max(z, -8), 8) / 64;
  let sum = 0;
  for (let i = 0; i <= 64; i += 1) {
    sum += (i % 64 === 0 ? 1 : i % 2 === 0 ? 2 : 4) * Math.exp(-((i * step) ** 2) / 2);
  }
  return 0.5 + (sum * step) / 3 / Math.sqrt(2 * Math.PI);
}

test('recovers a mixture whose distribution is known', async () => {
  await useBackend(wasmTrain({ threads: 1 }));
  const random = new Random(5);
  const table = tableDataset(
    Array.from({ length: 2000 }, () => {
      const at = random.uniform();
      const { name, mean, deviation, wet } = parts[at < 0.5 ? 0 : at < 0.8 ? 1 : 2];
      const x = mean + deviation * random.normalArray(1)[0]!;
      return { name, x, wet: random.uniform() < wet };
    }),
  );
  // Ten times the paper's rate, for networks that are a quarter as wide.
  const optimizer = adam({ learningRate: 2e-3, beta1: 0.5, beta2: 0.9 });
  using gan = createCtgan({
    table,
    latentSize: 8,
    generatorUnits: [64, 64],
    discriminatorUnits: [64, 64],
    optimizers: { generator: optimizer, discriminator: optimizer },
    ema: { decay: 0.99 },
    seed: 3,
  });
  /** How far 2,000 rows are from the closed form: share, Kolmogorov–Smirnov distance, probability. */
  const differences = async (): Promise<number[][]> => {
    const rows = await gan.sample(2000, { seed: 1 });
    return parts.map(({ name, share, mean, deviation, wet }) => {
      const own = rows.filter((row) => row['name'] === name);
      const x = own.map((row) => Number(row['x'])).sort((a, b) => a - b);
      const gaps = x.map((value, i) =>
        Math.abs((i + 0.5) / x.length - normalCdf((value - mean) / deviation)),
      );
      const wetShare = own.filter((row) => row['wet'] === true).length / own.length;
      return [Math.abs(own.length / 2000 - share), Math.max(...gaps), Math.abs(wetShare - wet)];
    });
  };
  const [first, , last] = await differences();
  expect([first![1], last![1]].every((gap) => gap! > 0.6)).toBe(true);
  await gan.trainer.fit(table, { steps: 1000, batchSize: 200 });
  for (const [share, gap, wet] of await differences()) {
    expect(share).toBeLessThan(0.08);
    expect(gap).toBeLessThan(0.25);
    expect(wet).toBeLessThan(0.2);
  }
});
