import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { LeastSquaresLoss } from 'tfjs-gan';
import { equalsGoldenLoss } from '../../contracts/golden-loss.ts';
import { lossContract } from '../../contracts/loss-contract.ts';
import '../../support/on-cpu.ts';

const pearson = { a: -1, b: 1, c: 0 };

lossContract(() => new LeastSquaresLoss());
lossContract(() => new LeastSquaresLoss(pearson));
equalsGoldenLoss('leastSquares', () => new LeastSquaresLoss());
equalsGoldenLoss('leastSquaresPearson', () => new LeastSquaresLoss(pearson));

describe('LeastSquaresLoss', () => {
  test('is zero if every logit is on target', () => {
    tf.tidy(() => {
      const [zeros, ones] = [tf.zeros([3, 1]), tf.ones([3, 1])];
      expect(new LeastSquaresLoss().discriminator(ones, zeros).arraySync()).toBe(0);
      expect(new LeastSquaresLoss().generator(ones).arraySync()).toBe(0);
    });
  });

  test('has the target of real samples for the generator by default', () => {
    expect(new LeastSquaresLoss({ b: 0.9 }).settings).toEqual({ a: 0, b: 0.9, c: 0.9 });
  });

  test('tells real from fake half-way between its targets', () => {
    expect(new LeastSquaresLoss().decisionBoundary).toBe(0.5);
    expect(new LeastSquaresLoss(pearson).decisionBoundary).toBe(0);
  });

  test('refuses targets that are no numbers', () => {
    expect(() => new LeastSquaresLoss({ c: Number.NaN })).toThrow(
      'Cannot create a LeastSquaresLoss: c must be a finite number, got NaN',
    );
    expect(() => new LeastSquaresLoss({ a: '0' as unknown as number })).toThrow(
      "Cannot create a LeastSquaresLoss: a must be a finite number, got '0'",
    );
  });

  test('refuses targets the wrong way round', () => {
    expect(() => new LeastSquaresLoss({ a: 1, b: 0 })).toThrow(
      'Cannot create a LeastSquaresLoss: b must be more than a, which is 1, got 0. ' +
        'a is the target for fake samples, b for real ones, c for fake ones in the loss of the generator',
    );
    expect(() => new LeastSquaresLoss({ c: 0 })).toThrow('c must be more than a, which is 0');
  });
});
