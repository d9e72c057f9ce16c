import '../support/on-cpu.ts';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  activationOf,
  batchNormWeights,
  linearLayer,
  runLinearLayer,
} from '../../src/tfjs-internals/linear-layers.ts';

const built = <L extends tf.layers.Layer>(layer: L, shape: number[]): L => {
  layer.apply(tf.input({ shape }));
  return layer;
};

describe('linearLayer', () => {
  test('finds kernel, bias and channels of the layers of TensorFlow.js', () => {
    const square = { kernelSize: 3, filters: 5, padding: 'same' } as const;
    const layers: (readonly [tf.layers.Layer, shape: number[], channels: number[]])[] = [
      [tf.layers.dense({ units: 5 }), [2], [5]],
      [tf.layers.conv1d(square), [4, 2], [5]],
      [tf.layers.conv2d(square), [4, 4, 2], [5]],
      [tf.layers.conv2dTranspose(square), [4, 4, 2], [5, 1]],
      [tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 3 }), [4, 4, 2], [2, 3]],
    ];
    for (const [layer, shape, channels] of layers) {
      const linear = linearLayer(built(layer, shape))!;
      expect(linear.channels).toEqual(channels);
      expect([linear.kernel, linear.bias]).toEqual(layer.weights);
      expect(linear.activation.getClassName()).toBe('linear');
    }
    expect(linearLayer(built(tf.layers.dense({ units: 1, useBias: false }), [2]))!.bias).toBe(
      undefined,
    );
    expect(linearLayer(tf.layers.reLU())).toBe(undefined);
    const first = { ...square, dataFormat: 'channelsFirst' } as const;
    expect(linearLayer(built(tf.layers.conv2d(first), [2, 4, 4]))).toBe(undefined);
  });

  test('runs with other weights and another activation, and leaves the layer as it is', () => {
    const layer = built(tf.layers.dense({ units: 2, useBias: false }), [1]);
    const { activation } = linearLayer(
      built(tf.layers.dense({ units: 1, activation: 'relu' }), [1]),
    )!;
    const [x, kernel, bias] = [tf.tensor2d([[3]]), tf.tensor2d([[1, -1]]), tf.tensor1d([0.5, 1])];
    const y = runLinearLayer(layer, x, kernel, bias, activation);
    expect(y.arraySync()).toEqual([[3.5, 0]]);
    expect(layer.getConfig()['useBias']).toBe(false);
  });
});

test('batchNormWeights finds those of the last axis only', () => {
  const normal = built(tf.layers.batchNormalization({ epsilon: 0.5 }), [4, 3]);
  const [gamma, beta, movingMean, movingVariance] = normal.weights;
  const wanted = { movingMean, movingVariance, gamma, beta, epsilon: 0.5 };
  expect(batchNormWeights(normal, 3)).toMatchObject(wanted);
  expect(batchNormWeights(built(tf.layers.batchNormalization({ axis: 1 }), [4, 3]), 3)).toBe(
    undefined,
  );
  expect(batchNormWeights(tf.layers.reLU(), 3)).toBe(undefined);
});

test('activationOf knows activations that work value by value', () => {
  const { layers } = tf;
  const names = [
    layers.reLU(),
    layers.leakyReLU({ alpha: 0.1 }),
    layers.activation({ activation: 'tanh' }),
    layers.activation({ activation: 'softmax' }),
    layers.reLU({ maxValue: 6 }),
    layers.softmax(),
  ].map((layer) => activationOf(layer)?.getClassName());
  expect(names).toEqual(['relu', 'leakyrelu', 'tanh', undefined, undefined, undefined]);
  const leaky = activationOf(layers.leakyReLU({ alpha: 0.25 }))!;
  expect([leaky.alpha, ...leaky.apply(tf.tensor1d([-2, 2])).dataSync()]).toEqual([0.25, -0.5, 2]);
});
