import { describe, expect, test } from 'vitest';
import { memorization } from '../../src/metrics/memorization.ts';
import { expectNear, golden, normal, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

describe('memorization', () => {
  test('agrees with scipy and scikit-learn', async () => {
    const judged = await memorization({
      training: golden.real,
      fake: golden.fewer,
      heldOut: golden.fake,
    });
    expectNear(judged.zScore, golden.memorization.zScore);
    expectNear(judged.probability, golden.memorization.probability);
    expect(judged.nearest).toEqual(golden.memorization.nearest);
    judged.distances.forEach((distance, i) => {
      expectNear(distance, golden.memorization.distances[i]!);
    });
  });

  test('finds copies, and does not take new samples for copies', async () => {
    const [training, heldOut, fresh] = [normal(300, 4, 1), normal(300, 4, 2), normal(300, 4, 3)];
    const copies = training.add(normal(300, 4, 4).mul(0.01));
    expect(
      (await memorization({ training, heldOut, fake: copies as typeof training })).zScore,
    ).toBeGreaterThan(10);
    expect(Math.abs((await memorization({ training, heldOut, fake: fresh })).zScore)).toBeLessThan(
      3,
    );
  });

  test('gives one half if all distances are equal', async () => {
    const same = [[1], [1]];
    const judged = await memorization({ training: same, fake: same, heldOut: same });
    expect(judged).toMatchObject({ probability: 0.5, zScore: 0, distances: [0, 0] });
  });

  test('counts equal distances as scipy does', async () => {
    // scipy.stats.mannwhitneyu([0, 1, 1], [1, 2], use_continuity=False, method='asymptotic'): U 1 of 6, p 0.196706.
    const judged = await memorization({
      training: [[0]],
      fake: [[0], [1], [-1]],
      heldOut: [[1], [2]],
    });
    expectNear(judged.probability, 5 / 6);
    expectNear(judged.zScore, 2 / Math.sqrt(2.4));
  });

  test('names the set that does not fit, and leaves no tensors behind', async () => {
    await expect(memorization({ training: [[1]], fake: [[1]], heldOut: [[1, 2]] })).rejects.toThrow(
      'Cannot check for memorization: training and heldOut must have the same number of features, got [1, 1] and [1, 2]',
    );
    const sets = { training: golden.real, fake: golden.fake, heldOut: golden.fewer };
    expect(await tensorsLeft(() => memorization(sets))).toBe(0);
  });
});
