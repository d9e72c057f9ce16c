import * as tf from '@tensorflow/tfjs';
import { createMlpGan, type CreateMlpGanOptions, linearDecay, type Loss, ring8 } from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { bestRows } from '../../src/games/best-rows.ts';
import { valuesOf } from './small-games.ts';
import { onWasmTrain } from '../support/on-wasm-train.ts';

describe('bestRows', () => {
  test('takes the rows of the largest logits, of means if there are several in a row', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([[1], [5], [-2], [4], [3]]);
      expect([...bestRows(logits, 0.5)(logits).dataSync()]).toEqual([5, 4]);
      expect([...bestRows(logits, 0.1)(logits).dataSync()]).toEqual([5]);
      expect(bestRows(logits, 1)(logits)).toBe(logits);
      const patches = tf.tensor3d([[[9], [-9]], [[2], [3]]]); // prettier-ignore
      expect([...bestRows(patches, 0.5)(patches).dataSync()]).toEqual([2, 3]);
    });
  });

  test('gives gradients to those rows alone', () => {
    tf.tidy(() => {
      const logits = tf.tensor2d([[1], [5], [-2], [4]]);
      const gradient = tf.grad((x) => tf.sum(tf.square(bestRows(x, 0.5)(x))))(logits);
      expect([...gradient.dataSync()]).toEqual([0, 10, 0, 8]);
    });
  });
});

describe('topK', () => {
  onWasmTrain();

  const trained = async (options: Partial<CreateMlpGanOptions>): Promise<unknown> => {
    const gan = createMlpGan({ sampleShape: [2], latentSize: 2, hiddenUnits: [8], ...options });
    await gan.trainer.fit(ring8({ size: 64, seed: 1 }), { steps: 3, batchSize: 16 });
    const values = valuesOf(gan.generator);
    gan.dispose();
    return values;
  };

  test('of 1 gives the same bits as none, and less other ones', async () => {
    const none = await trained({});
    expect(await trained({ topK: 1 })).toEqual(none);
    expect(await trained({ topK: linearDecay({ from: 1, to: 1 }) })).toEqual(none);
    expect(await trained({ topK: 0.5 })).not.toEqual(none);
  });

  test('leaves the generator the best fake samples, with their partners of the real ones', async () => {
    const seen: number[][] = [];
    const spy: Loss = {
      name: 'spy',
      usesRealLogits: true,
      discriminator: (real, fake) => tf.tidy(() => tf.sub(tf.mean(fake), tf.mean(real)).asScalar()),
      generator: (fake, real) => {
        seen.push([fake.shape[0], real!.shape[0]]);
        return tf.tidy(() => tf.sub(tf.mean(real!), tf.mean(fake)).asScalar());
      },
    };
    await trained({ loss: spy, topK: linearDecay({ from: 1, to: 0.4 }) });
    // 16 of 16, then 0.8 and 0.6 of them, rounded down.
    expect(seen).toEqual([[16, 16], [12, 12], [9, 9]]); // prettier-ignore
  });

  test('is shown in the configuration if it is not 1', () => {
    using half = createMlpGan({ sampleShape: [2], topK: 0.5 });
    using all = createMlpGan({ sampleShape: [2] });
    expect(half.trainer.configuration).toMatchObject({ topK: 0.5 });
    expect(all.trainer.configuration).not.toHaveProperty('topK');
  });

  test.each([0, 1.5, -1])('refuses %d', (topK) => {
    expect(() => createMlpGan({ sampleShape: [2], topK })).toThrow(
      `Cannot create a Trainer: topK must be a number above 0 and at most 1, got ${topK}`,
    );
  });
});
