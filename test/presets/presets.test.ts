import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createDcgan, createMlpGan, type Gan, type Loss, ring8, useBackend } from 'tfjs-gan';
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
      // One image only: the generator must find it, which takes both players' gradients to be right.
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
    const gan = createDcgan({
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
    gan.dispose();
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
  test('finds most of the ring of eight', async () => {
    await useBackend('wasm-train');
    const ring = ring8({ size: 4096, seed: 1 });
    const gan: Gan = createMlpGan({
      sampleShape: [2],
      latentSize: 8,
      hiddenUnits: [64, 64],
      seed: 1,
    });
    await gan.trainer.fit(ring, { steps: 1500, batchSize: 64 });
    const points = gan.generator.sample(1000, { seed: 2 });
    const values = points.dataSync();
    const found = new Set<number>();
    for (let i = 0; i < 1000; i += 1) {
      ring.modes.forEach((mode, m) => {
        const apart = Math.hypot(
          (values[2 * i] ?? 0) - (mode[0] ?? 0),
          (values[2 * i + 1] ?? 0) - (mode[1] ?? 0),
        );
        if (apart < 0.15) found.add(m);
      });
    }
    expect(found.size).toBeGreaterThanOrEqual(4);
    points.dispose();
    gan.dispose();
    await useBackend('cpu');
  });
});
