import { describe, expect, test } from 'vitest';
import { classifierScore } from '../../src/metrics/classifier-score.ts';
import { bothKinds, expectNear, golden, onWasmTrain } from './golden.ts';

onWasmTrain();

describe('classifierScore', () => {
  test.each([1, 3] as const)('agrees with scipy in %i splits of 50', async (splits) => {
    for (const logits of bothKinds(golden.logits)) {
      const { mean, deviation } = await classifierScore(logits, { splits });
      const [wantedMean, wantedDeviation] = golden.score[`${splits}`];
      expectNear(mean, wantedMean!);
      expect(Math.abs(deviation - wantedDeviation!)).toBeLessThan(1e-5);
    }
  });

  test('is 1 if all samples are alike and the number of classes if they are confident and uniform', async () => {
    const alike = Array.from({ length: 20 }, () => [3, 1, -2]);
    expectNear((await classifierScore(alike, { splits: 2 })).mean, 1, 1e-12);
    const even = Array.from({ length: 30 }, (_, i) =>
      [0, 1, 2].map((k) => (i % 3 === k ? 800 : -800)),
    );
    expectNear((await classifierScore(even, { splits: 1 })).mean, 3, 1e-12);
  });

  test.each([
    [[[1], [2]], { splits: 1 }, 'logits must be of at least two classes, got shape [2, 1]'],
    [[[1, 2]], {}, 'logits must have at least 10 samples for 10 splits, got 1'],
    [[[1, NaN]], { splits: 1 }, 'logits must have finite numbers, got NaN in row 0, column 1'],
    [[[1, 2]], { splits: 0.5 }, 'splits must be a positive integer, got 0.5'],
  ])('refuses %j with %j', async (logits, options, message) => {
    await expect(classifierScore(logits, options)).rejects.toThrow(
      `Cannot compute the classifier score: ${message}`,
    );
  });
});
