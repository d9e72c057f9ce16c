import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { noise, startedBackend } from '../support.ts';

const attributes = {
  stepSize: 0.003,
  beta1: 0.5,
  beta2: 0.999,
  epsilon: 1e-8,
  secondCorrection: Math.sqrt(1 - 0.999 ** 2),
};

describe('AdamUpdate', () => {
  beforeEach(async () => {
    await startedBackend();
  });

  test.each([1, 3, 4, 4097])('follows the formula for %i values and leaves its inputs', (count) => {
    const [value, gradient, first, second] = [
      noise(count, 1),
      noise(count, 2),
      noise(count, 3),
      noise(count, 4).map(Math.abs),
    ] as const;
    tf.tidy(() => {
      const inputs = {
        value: tf.tensor(value),
        gradient: tf.tensor(gradient),
        firstMoment: tf.tensor(first),
        secondMoment: tf.tensor(second),
      };
      const results = tf.engine().runKernel<tf.Tensor[]>('AdamUpdate', inputs, attributes);
      const [newValue, newFirst, newSecond] = results.map((tensor) => tensor.dataSync());
      for (let i = 0; i < count; i++) {
        const g = gradient[i] ?? 0;
        const m = 0.5 * (first[i] ?? 0) + 0.5 * g;
        const v = 0.999 * (second[i] ?? 0) + (1 - 0.999) * g * g;
        const change =
          (attributes.stepSize * m) / (Math.sqrt(v) / attributes.secondCorrection + 1e-8);
        expect(newFirst?.[i]).toBeCloseTo(m, 6);
        expect(newSecond?.[i]).toBeCloseTo(v, 6);
        expect(newValue?.[i]).toBeCloseTo((value[i] ?? 0) - change, 5);
      }
      expect(inputs.value.dataSync()).toEqual(value);
      expect(inputs.firstMoment.dataSync()).toEqual(first);
      expect(inputs.secondMoment.dataSync()).toEqual(second);
    });
  });

  test('updates weights as tf.train.adam does over several steps', () => {
    const start = noise(50, 7);
    const target = noise(50, 8);
    const weight = tf.variable(tf.tensor(start));
    const optimizer = tf.train.adam(0.01, 0.5, 0.999, 1e-7);
    let ours: tf.Tensor[] = [tf.tensor(start), tf.zeros([50]), tf.zeros([50])];
    for (let step = 1; step <= 5; step++) {
      optimizer.minimize(() => tf.losses.meanSquaredError(target, weight));
      const next = tf.tidy(() => {
        const [value, firstMoment, secondMoment] = ours as [tf.Tensor, tf.Tensor, tf.Tensor];
        const gradient = value.sub(target).mul(2 / 50);
        return tf.engine().runKernel<tf.Tensor[]>(
          'AdamUpdate',
          { value, gradient, firstMoment, secondMoment },
          {
            stepSize: 0.01 / (1 - 0.5 ** step),
            beta1: 0.5,
            beta2: 0.999,
            // tfjs adds epsilon times the correction beside the uncorrected root: the same number.
            epsilon: 1e-7,
            secondCorrection: Math.sqrt(1 - 0.999 ** step),
          },
        );
      });
      tf.dispose(ours);
      ours = next;
    }
    const wanted = weight.dataSync();
    const got = ours[0]?.dataSync() ?? [];
    for (const [index, value] of wanted.entries()) expect(got[index]).toBeCloseTo(value, 4);
    tf.dispose(ours);
    weight.dispose();
    optimizer.dispose();
  });

  test('refuses tensors of different shapes or types', () => {
    tf.tidy(() => {
      const inputs = {
        value: tf.zeros([3]),
        gradient: tf.zeros([4]),
        firstMoment: tf.zeros([3]),
        secondMoment: tf.zeros([3]),
      };
      expect(() => tf.engine().runKernel('AdamUpdate', inputs, attributes)).toThrow(
        'Cannot run AdamUpdate: its tensors must have dtype float32 and one shape',
      );
    });
  });
});
