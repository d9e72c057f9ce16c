import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { type Penalty, R1Penalty, R2Penalty } from 'tfjs-gan';
import { penaltyContract } from '../../contracts/penalty-contract.ts';
import { contextOf } from './golden-critic.ts';
import '../../support/on-cpu.ts';

penaltyContract(() => new R1Penalty());
penaltyContract(() => new R1Penalty({ every: 3 }));
penaltyContract(() => new R2Penalty());

/** Value if the slope is 3 at each real sample and 1 at each fake one. */
function valueOf(penalty: Penalty): number {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [2], useBias: false })],
  });
  const value = tf.tidy(() => {
    const [real, fake] = [tf.fill([5, 2], 2), tf.fill([3, 2], -1)];
    const discriminate = (x: tf.Tensor): tf.Tensor => {
      const steep = tf.matMul(tf.relu(x), tf.tensor2d([[3], [0]]));
      const mild = tf.matMul(tf.relu(tf.neg(x)), tf.tensor2d([[0], [1]]));
      return tf.add(steep, mild);
    };
    return penalty.compute(contextOf(model, { real, fake, discriminate })).arraySync();
  });
  model.dispose();
  return value;
}

describe('R1Penalty', () => {
  test('is half the squared slope at the real samples, however many fake samples there are', () => {
    expect(valueOf(new R1Penalty())).toBeCloseTo(4.5, 5);
  });

  test('refuses a negative strength', () => {
    expect(() => new R1Penalty({ weight: -0.1 })).toThrow(
      'Cannot create an R1Penalty: weight must be a number of at least 0, got -0.1',
    );
  });
});

describe('R2Penalty', () => {
  test('is half the squared slope at the fake samples', () => {
    expect(valueOf(new R2Penalty())).toBeCloseTo(0.5, 5);
  });

  test('refuses a step that is no step', () => {
    expect(() => new R2Penalty({ every: -2 })).toThrow(
      'Cannot create an R2Penalty: every must be a positive integer, got -2',
    );
  });
});
