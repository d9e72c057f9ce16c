import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { RelativisticLoss } from 'tfjs-gan';
import { equalsGoldenLoss } from '../../contracts/golden-loss.ts';
import { lossContract } from '../../contracts/loss-contract.ts';
import '../../support/on-cpu.ts';

for (const [base, word] of [
  ['bce', 'Bce'],
  ['hinge', 'Hinge'],
  ['leastSquares', 'LeastSquares'],
] as const) {
  const sampleToSample = (): RelativisticLoss => new RelativisticLoss({ base, average: false });
  lossContract(() => new RelativisticLoss({ base }));
  lossContract(sampleToSample);
  equalsGoldenLoss(`relativisticAverage${word}`, () => new RelativisticLoss({ base }));
  equalsGoldenLoss(`relativistic${word}`, sampleToSample);
}

describe('RelativisticLoss', () => {
  test.each([true, false])('counts differences only (average: %s)', (average) => {
    tf.tidy(() => {
      const loss = new RelativisticLoss({ base: 'hinge', average });
      const [real, fake] = [tf.tensor2d([[1], [0.5]]), tf.tensor2d([[0.25], [2]])];
      const moved = [tf.add(real, 64), tf.add(fake, 64)] as const;
      expect(loss.discriminator(...moved).arraySync()).toBe(
        loss.discriminator(real, fake).arraySync(),
      );
    });
  });

  test('is the average one over cross-entropy unless told otherwise', () => {
    expect(new RelativisticLoss().settings).toEqual({ base: 'bce', average: true });
  });

  test('says that batches compared one by one must be of one size', () => {
    tf.tidy(() => {
      const loss = new RelativisticLoss({ average: false });
      const message =
        'Cannot compute a relativistic loss: real and fake, which are compared in pairs, must have the same shape, ' +
        'got [8, 1] and [4, 1]';
      const [real, fake] = [tf.zeros([8, 1]), tf.zeros([4, 1])];
      expect(() => loss.discriminator(real, fake)).toThrow(message);
      expect(() => loss.generator(fake, real)).toThrow(message);
      // These would be compared each with each: 64 pairs, and no error from TensorFlow.js.
      expect(() => loss.discriminator(real, tf.zeros([8]))).toThrow('got [8, 1] and [8]');
    });
  });

  test('says that the generator’s half needs the real logits', () => {
    tf.tidy(() => {
      expect(() => new RelativisticLoss().generator(tf.zeros([8, 1]))).toThrow(
        "Cannot compute the generator's relativistic loss: real must be the discriminator's outputs for real samples, " +
          'got undefined. Call generator(fake, real)',
      );
    });
  });

  test('refuses settings it does not know', () => {
    expect(() => new RelativisticLoss({ base: 'wasserstein' as 'bce' })).toThrow(
      "Cannot create a RelativisticLoss: base must be one of 'bce', 'hinge', 'leastSquares', got 'wasserstein'",
    );
    expect(() => new RelativisticLoss({ average: 'yes' as unknown as boolean })).toThrow(
      "Cannot create a RelativisticLoss: average must be one of true, false, got 'yes'",
    );
  });
});
