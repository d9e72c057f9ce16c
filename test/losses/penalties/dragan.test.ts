import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { DraganPenalty, Random } from 'tfjs-gan';
import { firstUpdate } from './golden-critic.ts';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import '../../support/on-cpu.ts';

penaltyContract(() => new DraganPenalty());

describe('DraganPenalty', () => {
  /** Where it looks around real samples. */
  function lookedAt(penalty: DraganPenalty, real: tf.Tensor): number[] {
    const action: number[][] = [];
    const discriminate = (x: tf.Tensor): tf.Tensor => {
      action.push([...x.dataSync()]);
      return tf.sum(tf.square(x), 1);
    };
    penalty.compute({
      ...firstUpdate,
      real,
      fake: real,
      weights: [],
      random: new Random(3),
      step: 1,
      update: 1,
      discriminate,
      features: () => ({ real, fake: real }),
    });
    return action[0]!;
  }

  test('looks around each number, at most half a standard deviation of the whole batch away', () => {
    tf.tidy(() => {
      // Mean 0, standard deviation 2.
      const values = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 2 : -2));
      const looked = lookedAt(new DraganPenalty(), tf.tensor2d(values, [500, 4]));
      const distances = looked.map((value, i) => value - values[i]!);
      expect(Math.max(...distances)).toBeLessThanOrEqual(1);
      expect(Math.min(...distances)).toBeGreaterThanOrEqual(-1);
      // Uniform in −1…1: mean 0 and variance ⅓, to within four standard deviations of their estimates.
      const mean = distances.reduce((a, b) => a + b, 0) / 2000;
      const variance = distances.reduce((a, b) => a + (b - mean) ** 2, 0) / 2000;
      expect(Math.abs(mean)).toBeLessThan(0.052);
      expect(Math.abs(variance - 1 / 3)).toBeLessThan(0.027);
      expect(new Set(distances).size).toBeGreaterThan(1900);
    });
  });

  test('looks at the samples themselves with a spread of 0, or if all are the same', () => {
    tf.tidy(() => {
      const real = tf.tensor2d([
        [1, 2],
        [3, 5],
      ]);
      expect(lookedAt(new DraganPenalty({ spread: 0 }), real)).toEqual([1, 2, 3, 5]);
      expect(lookedAt(new DraganPenalty(), tf.fill([2, 2], 7))).toEqual([7, 7, 7, 7]);
    });
  });

  test.each([
    [{ weight: -1 }, 'weight must be a number of at least 0, got -1'],
    [{ spread: -1 }, 'spread must be a number of at least 0, got -1'],
    [
      { targetNorm: Number.POSITIVE_INFINITY },
      'targetNorm must be a number of at least 0, got Infinity',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => new DraganPenalty(options)).toThrow(`Cannot create a DraganPenalty: ${message}`);
  });
});
