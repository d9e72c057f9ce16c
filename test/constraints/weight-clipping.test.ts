import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { SpectralNorm, WeightClipping } from 'tfjs-gan';
import { constraintContract } from '../contracts/constraint-contract.ts';
import { smallData, smallGame } from '../contracts/training-contract.ts';
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

constraintContract(() => new WeightClipping());
constraintContract(() => new WeightClipping({ limit: 0.05, target: 'all' }));

function largest(model: tf.LayersModel): number {
  return Math.max(...model.trainableWeights.flatMap((w) => [...w.read().abs().dataSync()]));
}

describe('WeightClipping', () => {
  test('keeps every trained weight within the limit, the scales of batch norm too', async () => {
    using gan = tinyDcgan({
      imageShape: [16, 16, 1],
      constraints: [new WeightClipping({ limit: 0.03 })],
    });
    const { model } = gan.discriminator;
    expect(model.layers.some((layer) => layer.getClassName() === 'BatchNormalization')).toBe(true);
    expect(largest(model)).toBeGreaterThan(0.5);
    await gan.trainer.fit(blobs(16, [16, 16, 1]), { steps: 1, batchSize: 8 });
    expect(largest(model)).toBe(Math.fround(0.03));
    expect(largest(gan.generator.model)).toBeGreaterThan(0.5);
  });

  test('clips before the first update as well as after it', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
    tf.tidy(() => {
      model.setWeights([tf.tensor2d([[-3], [0.005]]), tf.tensor1d([7])]);
    });
    const live = new WeightClipping().bind(model);
    live.beforeUpdate!();
    expect(model.getWeights().flatMap((w) => [...w.dataSync()])).toEqual(
      [-0.01, 0.005, 0.01].map(Math.fround),
    );
    model.dispose();
  });

  test('goes with spectral norm in either order', async () => {
    const rules = [new SpectralNorm(), new WeightClipping()];
    for (const constraints of [rules, rules.toReversed()]) {
      using game = smallGame({ constraints });
      for await (const step of game.trainer.steps(smallData(), { steps: 3, batchSize: 6 })) {
        const sigma = step.constraintMetrics.discriminator['spectralNorm/0.conv2D/kernel']!;
        // 18 weights of at most 0.01, while the model holds a weight of norm 1.
        expect(sigma).toBeLessThanOrEqual(0.01 * Math.sqrt(18));
        expect(largest(game.discriminator.model)).toBeGreaterThan(0.1);
      }
    }
  });

  test.each([0, -1, Number.NaN])('refuses the limit %d', (limit) => {
    expect(() => new WeightClipping({ limit })).toThrow(
      `Cannot create a WeightClipping: limit must be a positive number, got ${limit}`,
    );
  });
});
