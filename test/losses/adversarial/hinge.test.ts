import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { HingeLoss } from 'tfjs-gan';
import { equalsGoldenLoss } from '../../contracts/golden-loss.ts';
import { lossContract } from '../../contracts/loss-contract.ts';
import '../../support/on-cpu.ts';

lossContract(() => new HingeLoss());
equalsGoldenLoss('hinge', () => new HingeLoss());

describe('HingeLoss', () => {
  test('has nothing more to ask of the discriminator beyond the margin', () => {
    tf.tidy(() => {
      const sure = tf.tensor2d([1, 7], [2, 1]);
      expect(new HingeLoss().discriminator(sure, tf.neg(sure)).arraySync()).toBe(0);
    });
  });
});
