import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { BceLoss } from 'tfjs-gan';
import { lossContract } from '../../contracts/loss-contract.ts';
import golden from '../../golden/losses.json' with { type: 'json' };
import { expectGolden } from '../../contracts/golden-loss.ts';

lossContract(() => new BceLoss());
lossContract(() => new BceLoss({ labelSmoothing: 0.1 }));

describe('BceLoss', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test("equals PyTorch's binary_cross_entropy_with_logits, value and gradient", () => {
    expectGolden(new BceLoss(), golden['bce0.0']);
  });

  test('equals PyTorch with the target 0.9 for real samples only', () => {
    expectGolden(new BceLoss({ labelSmoothing: 0.1 }), golden['bce0.1']);
  });

  test('is 2 ln 2 and ln 2 where the discriminator cannot tell', () => {
    tf.tidy(() => {
      const zeros = tf.zeros([3, 1]);
      expect(new BceLoss().discriminator(zeros, zeros).arraySync()).toBeCloseTo(2 * Math.LN2, 6);
      expect(new BceLoss().generator(zeros).arraySync()).toBeCloseTo(Math.LN2, 6);
    });
  });

  test('takes the answers of a discriminator that judges patches', () => {
    tf.tidy(() => {
      const patches = tf.ones([2, 3, 3, 1]);
      expect(new BceLoss().generator(patches).arraySync()).toBeCloseTo(Math.log1p(Math.exp(-1)), 6);
    });
  });

  test.each([1, -0.1, Number.NaN])('refuses labelSmoothing %d', (labelSmoothing) => {
    expect(() => new BceLoss({ labelSmoothing })).toThrow(
      `Cannot create a BceLoss: labelSmoothing must be at least 0 and less than 1, got ${labelSmoothing}`,
    );
  });
});
