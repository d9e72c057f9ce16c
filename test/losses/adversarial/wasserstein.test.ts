import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { WassersteinLoss } from 'tfjs-gan';
import { equalsGoldenLoss } from '../../contracts/golden-loss.ts';
import { lossContract } from '../../contracts/loss-contract.ts';
import '../../support/on-cpu.ts';

lossContract(() => new WassersteinLoss());
equalsGoldenLoss('wasserstein', () => new WassersteinLoss());

describe('WassersteinLoss', () => {
  test('is minus the gap between the logits of real and fake samples', () => {
    tf.tidy(() => {
      const real = tf.tensor2d([5, 3], [2, 1]);
      const fake = tf.tensor2d([1, -2, 1], [3, 1]);
      expect(new WassersteinLoss().discriminator(real, fake).arraySync()).toBe(-4);
    });
  });
});
