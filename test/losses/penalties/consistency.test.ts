import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { adaptiveAugment, ConsistencyPenalty, diffAugment, type Transform } from 'tfjs-gan';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import { tinyDcgan } from '../../support/tiny-gan.ts';
import { contextOf } from './golden-critic.ts';
import '../../support/on-cpu.ts';

/** Adds random numbers of at most 0.1. */
const jitter: Transform = {
  name: 'jitter',
  stage: 'augment',
  apply: (x, { random }) => tf.add(x, tf.tensor(random.uniformArray(x.size, -0.1, 0.1), x.shape)),
};
const double: Transform = { name: 'double', stage: 'augment', apply: (x) => tf.mul(x, 2) };

penaltyContract(() => new ConsistencyPenalty({ augment: jitter }));
penaltyContract(() => new ConsistencyPenalty({ augment: jitter, sides: 'both', every: 2 }));

function valueOf(penalty: ConsistencyPenalty): number {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  const value = tf.tidy(() => {
    const [real, fake] = [tf.tensor2d([[1], [3]]), tf.tensor2d([[2], [0]])];
    const discriminate = (x: tf.Tensor): tf.Tensor => tf.square(x);
    return penalty.compute(contextOf(model, { real, fake, discriminate })).dataSync()[0]!;
  });
  model.dispose();
  return value;
}

describe('ConsistencyPenalty', () => {
  test('refuses an augmentation that adapts, which would never change in a penalty', () => {
    expect(() => new ConsistencyPenalty({ augment: adaptiveAugment() })).toThrow(
      "augment must be fixed, got 'adaptiveAugment'",
    );
    expect(new ConsistencyPenalty({ augment: adaptiveAugment({ probability: 0.3 }) }).name).toBe(
      'consistency',
    );
  });

  test('is the mean squared difference of the logits of a sample and its copy', () => {
    // D(x) = x², T(x) = 2x: a difference of 3x², which is 3 and 27 for the real samples, 12 and 0 for the fake ones.
    expect(valueOf(new ConsistencyPenalty({ augment: double }))).toBeCloseTo((9 + 729) / 2, 3);
    const both = new ConsistencyPenalty({ augment: double, sides: 'both' });
    expect(valueOf(both)).toBeCloseTo((9 + 729) / 2 + 144 / 2, 3);
  });

  test('shows its augmentation in the configuration', () => {
    const penalty = new ConsistencyPenalty({ augment: diffAugment({ policy: ['translation'] }) });
    const normalization = { generator: 'batch', discriminator: 'none' } as const;
    using gan = tinyDcgan({ penalties: [penalty], normalization });
    expect(gan.trainer.configuration).toMatchObject({
      'penalties.consistency.weight': 10,
      'penalties.consistency.sides': 'real',
      'penalties.consistency.augment': 'diffAugment',
      'penalties.consistency.augment.policy': 'translation',
    });
  });

  test.each([
    [{}, 'Cannot create a ConsistencyPenalty: augment must be a Transform with a name and the function apply'],
    [{ augment: double, sides: 'fake' }, "sides must be one of 'real', 'both', got 'fake'"],
    [{ augment: double, weight: -1 }, 'weight must be a number of at least 0, got -1'],
  ])('refuses %#', (options, message) => {
    type Options = ConstructorParameters<typeof ConsistencyPenalty>[0];
    expect(() => new ConsistencyPenalty(options as Options)).toThrow(message);
  }); // prettier-ignore
});
