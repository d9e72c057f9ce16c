import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  createDcgan,
  createMlpGan,
  GradientPenalty,
  linearDecay,
  type Loss,
  ring8,
  useBackend,
} from 'tfjs-gan';
import { type ModeCoverage, modeCoverage } from 'tfjs-gan/metrics';
import { blobs } from '../support/tiny-gan.ts';

describe('createDcgan', () => {
  test.each(['tanh', 'sigmoid'] as const)(
    'learns small images under %s',
    async (outputActivation) => {
      await useBackend('wasm-train');
      const gan = createDcgan({
        imageShape: [8, 8, 1],
        baseFilters: 8,
        latentSize: 8,
        outputActivation,
      });
      // One image only: the generator must find it, which takes both networks' gradients to be right.
      const [low, high] = outputActivation === 'tanh' ? [-0.8, 0.8] : [0.1, 0.9];
      const image = tf.tidy(() => {
        const [upper, lower] = [tf.fill([4, 8, 1], low), tf.fill([4, 8, 1], high)];
        return tf.concat([upper, lower], 0);
      });
      const distance = (): number =>
        tf.tidy(
          () =>
            tf.mean(tf.abs(tf.sub(gan.generator.sample(32, { seed: 1 }), image))).dataSync()[0] ??
            NaN,
        );
      const before = distance();
      const data = {
        ...blobs(320),
        async *batches({ batchSize }: { batchSize: number }) {
          for (let i = 0; i < 10; i += 1) {
            yield await Promise.resolve({
              samples: tf.tidy(() => tf.tile(image.expandDims(), [batchSize, 1, 1, 1])),
            });
          }
        },
      };
      await gan.trainer.fit(data, { steps: 120, batchSize: 32 });
      expect(distance()).toBeLessThan(0.4 * before);
      image.dispose();
      gan.dispose();
      await useBackend('cpu');
    },
  );

  test('passes on loss, optimizers, updates and seed', () => {
    const loss: Loss = {
      name: 'mine',
      discriminator: () => tf.scalar(0),
      generator: () => tf.scalar(0),
    };
    using gan = createDcgan({
      imageShape: [8, 8, 1],
      baseFilters: 1,
      loss,
      updatesPerStep: { discriminator: 5 },
      seed: 3,
    });
    expect(gan.trainer.configuration).toMatchObject({
      seed: 3,
      'loss.name': 'mine',
      'updatesPerStep.discriminator': 5,
      'optimizers.generator.beta1': 0.5,
    });
  });

  test('leaves nothing behind when its settings are refused', () => {
    const before = tf.memory().numTensors;
    expect(() => createDcgan({ imageShape: [8, 8, 1], updatesPerStep: { generator: 0 } })).toThrow(
      'updatesPerStep.generator must be a positive integer, got 0',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('createMlpGan', () => {
  test('finds the ring of eight, which neither noise nor an untrained generator does', async () => {
    await useBackend('wasm-train');
    const ring = ring8({ size: 4096, standardDeviation: 0.05, seed: 1 });
    const learningRate = linearDecay({ from: 2e-3, to: 0, begin: 400, end: 800 });
    const optimizer = adam({ learningRate, beta1: 0.5 });
    const gan = createMlpGan({
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [64, 64, 64],
      seed: 1,
      penalties: [new GradientPenalty({ weight: 0.02, targetNorm: 0 })],
      optimizers: { generator: optimizer, discriminator: optimizer },
    });
    const judge = async (points: tf.Tensor): Promise<ModeCoverage> => {
      const judged = await modeCoverage(points as tf.Tensor2D, ring);
      points.dispose();
      return judged;
    };
    const angles = Array.from({ length: 2500 }, (_, i) => (i / 2500) * 2 * Math.PI);
    const circle = tf.tensor2d(angles.map((angle) => [Math.cos(angle), Math.sin(angle)]));
    const noise = [tf.randomNormal([2500, 2], 0, 1, 'float32', 1), circle];
    const untrained = gan.generator.sample(2500, { seed: 2 });
    for (const points of [...noise, untrained]) {
      expect((await judge(points)).highQualityShare).toBeLessThan(0.4);
    }

    await gan.trainer.fit(ring, { steps: 800, batchSize: 64 });
    const trained = await judge(gan.generator.sample(2500, { seed: 2 }));
    expect(trained.modes).toBe(8);
    expect(trained.highQualityShare).toBeGreaterThan(0.6);
    expect(trained.reverseKl).toBeLessThan(0.1);
    gan.dispose();
    await useBackend('cpu');
  });
});
