import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { grid25 } from '../../src/data/grid25.ts';
import { ring8 } from '../../src/data/ring8.ts';
import { modeCoverage } from '../../src/metrics/mode-coverage.ts';

/** Two modes three apart; a sample within 0.3 of one is of high quality. */
const pair = { modes: [[0, 0], [3, 0]], standardDeviation: 0.1 }; // prettier-ignore

describe('modeCoverage', () => {
  test('counts what lies within three standard deviations, the border left out', async () => {
    const samples = [[0, 0], [0, 0.29], [0, 0.31], [2.8, 0.2], [1.5, 0]]; // prettier-ignore
    const judged = await modeCoverage(samples, pair);
    expect(judged).toMatchObject({ modes: 2, totalModes: 2, counts: [2, 1], samples: 5 });
    expect(judged.highQualityShare).toBeCloseTo(3 / 5, 12);
    // Σ p̂ log(p̂·K) with p̂ = (2/3, 1/3).
    const expected = (2 / 3) * Math.log(4 / 3) + (1 / 3) * Math.log(2 / 3);
    expect(judged.reverseKl).toBeCloseTo(expected, 12);
  });

  test('returns log K if one mode has everything', async () => {
    const samples = Array.from({ length: 10 }, () => [1, 0]);
    const judged = await modeCoverage(samples, ring8());
    expect(judged.modes).toBe(1);
    expect(judged.reverseKl).toBeCloseTo(Math.log(8), 12);
  });

  test('gives infinity if nothing is near a mode', async () => {
    const judged = await modeCoverage([[9, 9]], pair);
    expect(judged).toMatchObject({ modes: 0, highQualityShare: 0, reverseKl: Infinity });
  });

  test.each([
    { name: 'ring8', mixture: ring8({ size: 2_500, seed: 3 }) },
    { name: 'grid25', mixture: grid25({ size: 2_500, seed: 3 }) },
  ])('finds every mode in points of $name itself', async ({ mixture }) => {
    for await (const { samples } of mixture.batches({ batchSize: 2_500 })) {
      const judged = await modeCoverage(samples as tf.Tensor2D, mixture);
      expect(judged.modes).toBe(mixture.modes.length);
      // P(‖x‖ < 3σ) = 1 − e^(−9/2) in two dimensions; five deviations of a share of 2,500.
      const share = 1 - Math.exp(-4.5);
      const scatter = Math.sqrt((share * (1 - share)) / 2_500);
      expect(Math.abs(judged.highQualityShare - share)).toBeLessThan(5 * scatter);
      // (K − 1) / 2n is the mean of the divergence of n even draws.
      expect(judged.reverseKl).toBeLessThan((3 * mixture.modes.length) / 2_500);
      expect(samples.isDisposed).toBe(false);
      samples.dispose();
    }
  });

  test.each([
    [
      [[0, NaN]],
      pair,
      'Cannot count modes: samples must have finite numbers, got NaN in row 0, column 1',
    ],
    [
      [[0, 0, 0]],
      pair,
      'Cannot count modes: samples must have as many dimensions as the modes, got samples of shape [1, 3] and the mode [0, 0]',
    ],
    [
      [[0, 0]],
      { modes: [[0, 0]], standardDeviation: 0 },
      'Cannot count modes: mixture.standardDeviation must be a positive number, got 0',
    ],
    [
      [[0, 0]],
      { modes: [], standardDeviation: 1 },
      'Cannot count modes: mixture must have modes and a standardDeviation, like ring8(), got an object',
    ],
    [
      [[0, 0], [0]],
      pair,
      'Cannot count modes: every row of samples must have 2 numbers like the first one, got [0] in row 1',
    ],
    [
      [],
      pair,
      'Cannot count modes: samples must be a 2-D tensor or an array of rows of numbers, got []',
    ],
  ])('refuses %j for %j', async (samples, mixture, message) => {
    await expect(modeCoverage(samples, mixture)).rejects.toThrow(message);
  });

  test('refuses images', async () => {
    const images = tf.zeros([2, 4, 4, 1]) as unknown as tf.Tensor2D;
    await expect(modeCoverage(images, pair)).rejects.toThrow(
      'Cannot count modes: samples must have the shape [samples, features], got [2, 4, 4, 1]. ' +
        'Pass features of the images from an extractor',
    );
    images.dispose();
  });
});
