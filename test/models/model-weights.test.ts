import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { modelWeights } from '../../src/models/model-weights.ts';

const build = (): tf.Sequential =>
  tf.sequential({
    layers: [
      tf.layers.dense({ units: 2, inputShape: [2] }),
      tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [2] })] }),
      tf.layers.dense({ units: 1, useBias: false }),
    ],
  });

test('names go by place, so the same program gives the same weight the same name', () => {
  const keys = (): string[] => modelWeights(build()).map((weight) => weight.key);
  expect(keys()).toEqual(keys());
  expect(keys()).toEqual([
    '0.dense/kernel',
    '0.dense/bias',
    '1.batchNormalization/gamma',
    '1.batchNormalization/beta',
    '1.batchNormalization/moving_mean',
    '1.batchNormalization/moving_variance',
    '2.dense/kernel',
  ]);
});

test('tells what is trained from what is a statistic', () => {
  const statistics = modelWeights(build()).filter((weight) => !weight.trainable);
  expect(statistics.map((weight) => weight.key)).toEqual([
    '1.batchNormalization/moving_mean',
    '1.batchNormalization/moving_variance',
  ]);
});

test('a layer used twice holds its weights once', () => {
  const shared = tf.layers.dense({ units: 2 });
  const input = tf.input({ shape: [2] });
  const output = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
  expect(modelWeights(tf.model({ inputs: input, outputs: output }))).toHaveLength(2);
});
