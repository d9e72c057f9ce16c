import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { BceLoss } from 'tfjs-gan';
import { equalsGoldenLoss } from '../../contracts/golden-loss.ts';
import { lossContract } from '../../contracts/loss-contract.ts';
import '../../support/on-cpu.ts';

lossContract(() => new BceLoss());
lossContract(() => new BceLoss({ labelSmoothing: 0.1 }));
equalsGoldenLoss('bce', () => new BceLoss());
equalsGoldenLoss('bceSmoothed', () => new BceLoss({ labelSmoothing: 0.1 }));

describe('BceLoss', () => {
  test('is 2 ln 2 and ln 2 if the discriminator cannot tell', () => {
    tf.tidy(() => {
      const zeros = tf.zeros([3, 1]);
      expect(new BceLoss().discriminator(zeros, zeros).arraySync()).toBeCloseTo(2 * Math.LN2, 6);
      expect(new BceLoss().generator(zeros).arraySync()).toBeCloseTo(Math.LN2, 6);
    });
  });

  test.each([1, -0.1, Number.NaN])('refuses labelSmoothing %d', (labelSmoothing) => {
    expect(() => new BceLoss({ labelSmoothing })).toThrow(
      `Cannot create a BceLoss: labelSmoothing must be at least 0 and less than 1, got ${labelSmoothing}`,
    );
  });
});
