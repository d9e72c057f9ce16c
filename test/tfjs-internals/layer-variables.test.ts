import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import {
  heldValue,
  isOwnVariable,
  withVariables,
} from '../../src/tfjs-internals/layer-variables.ts';
import '../support/on-cpu.ts';

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

test('heldValue is there although the weight is disposed, which read() refuses', () => {
  const layer = tf.layers.dense({ units: 1, inputShape: [2] });
  const model = tf.sequential({ layers: [layer] });
  const [kernel] = layer.weights as [tf.LayerVariable];
  const value = kernel.read();
  expect(heldValue(kernel)).toBe(value);
  model.dispose();
  expect(() => kernel.read()).toThrow('disposed');
  expect(heldValue(kernel)).toBe(value);
});

test('isOwnVariable leaves out the weights of layers inside', () => {
  const inside = tf.layers.dense({ units: 1 });
  const layer = tf.layers.timeDistributed({ layer: inside, inputShape: [3, 2] });
  const model = tf.sequential({ layers: [layer] });
  const [kernel] = layer.weights as [tf.LayerVariable];
  expect(isOwnVariable(inside, kernel)).toBe(true);
  expect(isOwnVariable(layer, kernel)).toBe(false);
  const norm = tf.layers.batchNormalization({ inputShape: [2] });
  const other = tf.sequential({ layers: [norm] });
  expect(norm.weights.map((weight) => isOwnVariable(norm, weight))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  model.dispose();
  other.dispose();
});
