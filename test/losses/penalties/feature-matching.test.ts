import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  Discriminator,
  FeatureMatching,
  mlpGenerator,
  type Penalty,
  type PenaltyContext,
  Trainer,
} from 'tfjs-gan';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import { smallData, smallGame } from '../../contracts/training-contract.ts';
import '../../support/on-cpu.ts';

penaltyContract(() => new FeatureMatching());
penaltyContract(() => new FeatureMatching({ layer: '0.conv2D', weight: 0.1 }));

describe('FeatureMatching', () => {
  test('is the squared distance of the mean features, over every axis but the batch', () => {
    const features = (): { real: tf.Tensor; fake: tf.Tensor } => ({
      real: tf.tensor([1, 2, 3, 4], [2, 1, 2]),
      fake: tf.tensor([0, 0, 0, 0, 3, 6], [3, 1, 2]),
    });
    const context = { features } as unknown as PenaltyContext;
    // Means [2, 3] and [1, 2].
    const value = tf.tidy(() => new FeatureMatching().compute(context).arraySync());
    expect(value).toBeCloseTo(2, 5);
  });

  test('is zero if the generator returns the data', () => {
    const same = tf.tensor2d([[1, 2]]);
    const context = { features: () => ({ real: same, fake: same }) } as unknown as PenaltyContext;
    expect(tf.tidy(() => new FeatureMatching().compute(context).arraySync())).toBe(0);
    same.dispose();
  });

  test('brings the mean features closer, alone', async () => {
    const silent: Penalty[] = [new FeatureMatching({ weight: 20 })];
    const constant = (logits: tf.Tensor): tf.Scalar =>
      tf.tidy(() => tf.mul(tf.mean(logits), 0).asScalar());
    using game = smallGame({
      penalties: silent,
      optimizers: { generator: adam({ learningRate: 0.02 }) },
      loss: { name: 'none', discriminator: (real) => constant(real), generator: constant },
    });
    const { steps } = await game.trainer.fit(smallData(), { steps: 150, batchSize: 8 });
    const terms = steps.map((step) => step.terms.generator['featureMatching']!);
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(terms.slice(-30))).toBeLessThan(0.75 * mean(terms.slice(0, 10)));
  });

  test('finds a layer by name in a model inside the model, and refuses one that is not there', () => {
    const inner = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [2], name: 'inside' })],
    });
    using discriminator = new Discriminator({
      ownsModel: true,
      model: tf.sequential({ layers: [inner, tf.layers.dense({ units: 1, name: 'last' })] }),
    });
    using generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [3] });
    const make = (layer: string): void => {
      const penalties = [new FeatureMatching({ layer })];
      new Trainer({ generator, discriminator, penalties }).dispose();
    };
    expect(() => {
      make('inside');
      make('1.dense');
    }).not.toThrow();
    expect(() => {
      make('outside');
    }).toThrow(
      "Cannot create a Trainer: layer of the penalty 'featureMatching' must be a layer of the discriminator, got " +
        "'outside'. It has 0.dense ('inside'), 1.dense ('last')",
    );
  });

  test('refuses a layer that is no name, and a negative strength', () => {
    expect(() => new FeatureMatching({ layer: 3 as unknown as string })).toThrow(
      'Cannot create a FeatureMatching: layer must be the name of a layer, got 3',
    );
    expect(() => new FeatureMatching({ weight: -1 })).toThrow(
      'Cannot create a FeatureMatching: weight must be a number of at least 0, got -1',
    );
  });
});
