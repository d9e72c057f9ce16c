import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { withVariables } from '../../src/tfjs-internals/layer-variables.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

test('a layer computes with the tensors in the place of its weights, and gradients go to them', () => {
  const layer = tf.layers.dense({ units: 1, inputShape: [2] });
  const model = tf.sequential({ layers: [layer] });
  const own = layer.weights[0]!.read();
  const x = tf.tensor2d([[2, 3]]);
  tf.tidy(() => {
    const other = tf.tensor2d([[10], [100]]);
    const { value, grad } = tf.valueAndGrad((kernel: tf.Tensor) =>
      withVariables([layer.weights[0]!], [kernel], () => model.apply(x) as tf.Tensor),
    )(other);
    expect([...value.dataSync()]).toEqual([320]);
    expect([...grad.dataSync()]).toEqual([2, 3]);
  });
  expect(layer.weights[0]!.read()).toBe(own);
  expect(() =>
    withVariables(layer.weights, layer.getWeights(), () => {
      throw new Error('mine');
    }),
  ).toThrow('mine');
  expect(layer.weights[0]!.read()).toBe(own);
  x.dispose();
  model.dispose();
});
