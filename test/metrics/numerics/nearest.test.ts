import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import type { FeatureTable } from '../../../src/metrics/features.ts';
import { nearestRows } from '../../../src/metrics/numerics/nearest.ts';
import { onWasmTrain } from '../golden.ts';

onWasmTrain();

/** Points near 1,000, so that float32 products cannot order near ones. */
function table(rows: number, seed: number): FeatureTable {
  const values = Float64Array.from(
    new Random(seed).normalArray(rows * 3),
    (value) => value + 1_000,
  );
  return { rows, columns: 3, values };
}

function byHand(queries: FeatureTable, all: FeatureTable, row: number, count: number): number[] {
  const distance = (other: number): number => {
    let sum = 0;
    for (let i = 0; i < 3; i += 1)
      sum += (queries.values[row * 3 + i]! - all.values[other * 3 + i]!) ** 2;
    return sum;
  };
  return Array.from({ length: all.rows }, (_, other) => other)
    .filter((other) => queries !== all || other !== row)
    .map((other) => ({ other, distance: distance(other) }))
    .sort((a, b) => a.distance - b.distance || a.other - b.other)
    .slice(0, count)
    .map(({ other }) => other);
}

describe('nearestRows', () => {
  test('finds what a walk over all pairs finds, across blocks', async () => {
    const [queries, all] = [table(1_100, 1), table(2_200, 2)];
    const { indices } = await nearestRows(queries, all, 3);
    for (const row of [0, 1, 500, 1_023, 1_024, 1_099]) {
      expect([...indices.subarray(row * 3, row * 3 + 3)]).toEqual(byHand(queries, all, row, 3));
    }
  });

  test('orders near points of clusters that lie far from each other', async () => {
    // In float32, squares of 1,000 leave nothing of squares of 0.01.
    const near = table(400, 5).values.map(
      (value, i) => (value - 1_000) / 100 + (i < 600 ? 1_000 : -1_000),
    );
    const all = { rows: 400, columns: 3, values: near };
    const { indices } = await nearestRows(all, all, 3);
    for (let row = 0; row < 400; row += 1) {
      expect([...indices.subarray(row * 3, row * 3 + 3)]).toEqual(byHand(all, all, row, 3));
    }
  });

  test('leaves a row out of its own neighbors', async () => {
    const all = table(1_500, 3);
    const { indices, squared } = await nearestRows(all, all, 2);
    for (const row of [0, 1_023, 1_024, 1_499]) {
      expect([...indices.subarray(row * 2, row * 2 + 2)]).toEqual(byHand(all, all, row, 2));
    }
    expect(Math.min(...squared)).toBeGreaterThan(0);
  });

  test('finds distance 0 to a copy', async () => {
    const all = table(50, 4);
    const { indices, squared } = await nearestRows({ ...all }, all, 1);
    expect([...indices]).toEqual(Array.from({ length: 50 }, (_, row) => row));
    expect([...squared]).toEqual(new Array(50).fill(0));
  });

  test('takes the first of rows that are all alike', async () => {
    const all = { rows: 300, columns: 70, values: new Float32Array(300 * 70).fill(0.1) };
    const { indices, squared } = await nearestRows(all, all, 2);
    expect([...indices.subarray(0, 6)]).toEqual([1, 2, 0, 2, 0, 1]);
    expect([...indices.subarray(598)]).toEqual([0, 1]);
    expect(Math.max(...squared)).toBe(0);
  });
});
