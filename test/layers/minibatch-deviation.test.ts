import * as tf from '@tensorflow/tfjs';
import { MinibatchDeviation } from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import '../support/on-cpu.ts';
import { savedBy } from './saved-by.ts';

const added = (x: tf.Tensor, groupSize: number): tf.Tensor => {
  const output = new MinibatchDeviation({ groupSize }).apply(x) as tf.Tensor;
  return tf.slice(output, [...x.shape.map((_, i) => (i === x.rank - 1 ? x.shape[i]! : 0))]);
};

describe('MinibatchDeviation', () => {
  test('is the mean over features of the deviation within each group', () => {
    tf.tidy(() => {
      // Groups of samples 0 and 2, 1 and 3. Deviations 1 and 3; 0 and 2.
      const x = tf.tensor2d([[0, 0], [5, 1], [2, 6], [5, 5]]); // prettier-ignore
      const values = [...added(x, 2).dataSync()];
      [2, 1, 2, 1].forEach((expected, i) => {
        expect(values[i]).toBeCloseTo(expected, 3);
      });
    });
  });

  test('is one more channel, the same everywhere, over all places and channels', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([8, 3, 2, 5], 0, 1, 'float32', 4);
      const channel = added(x, 4);
      expect(channel.shape).toEqual([8, 3, 2, 1]);
      const sample = (i: number): number[] => [...channel.slice([i], [1]).dataSync()];
      expect(new Set(sample(1)).size).toBe(1);
      // Samples 1, 3, 5, 7 are a group.
      const group = tf.gather(x, [1, 3, 5, 7]);
      const deviation = tf.mean(tf.sqrt(tf.moments(group, 0).variance)).dataSync()[0]!;
      expect(sample(7)[0]).toBeCloseTo(deviation, 4);
      expect(sample(1)).toEqual(sample(7));
      expect(sample(0)).not.toEqual(sample(1));
    });
  });

  test('compares fewer samples if the batch is no multiple of the group, and none of one', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[0], [4], [8], [0], [4], [8]]);
      // Of 6 samples 3 and not 4: samples 0, 2, 4 and 1, 3, 5.
      const [first] = added(x, 4).dataSync();
      expect(first).toBeCloseTo(Math.sqrt(32 / 3), 4);
      expect(added(tf.tensor2d([[7]]), 4).dataSync()[0]).toBeCloseTo(1e-4, 6);
    });
  });

  test('has a finite gradient of equal samples, of second order too', () => {
    tf.tidy(() => {
      const x = tf.ones([4, 3]);
      const penalty = (y: tf.Tensor): tf.Tensor =>
        tf.sum(
          tf.square(tf.grad((z) => tf.sum(new MinibatchDeviation().apply(z) as tf.Tensor))(y)),
        );
      const second = tf.grad(penalty)(x);
      expect([...second.dataSync()].every(Number.isFinite)).toBe(true);
    });
  });

  test('is made again from its config, saved and loaded', async () => {
    const config = new MinibatchDeviation({ groupSize: 8, name: 'spread' }).getConfig();
    expect(config).toMatchObject({ groupSize: 8, name: 'spread' });
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [3], units: 4 }),
        new MinibatchDeviation({ groupSize: 2 }),
      ],
    });
    const saved = await savedBy((handler) => model.save(handler));
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const samples = tf.randomNormal([4, 3], 0, 1, 'float32', 1);
    const [own, again] = [model, loaded].map((one) => one.predict(samples) as tf.Tensor);
    expect(own!.shape).toEqual([4, 5]);
    expect(again!.dataSync()).toEqual(own!.dataSync());
  });

  test('refuses a group of none, and unknown options', () => {
    expect(() => new MinibatchDeviation({ groupSize: 0 })).toThrow(
      'Cannot create a MinibatchDeviation: groupSize must be a positive integer, got 0',
    );
    expect(() => new MinibatchDeviation({ group: 4 } as object)).toThrow("got 'group'");
  });
});
