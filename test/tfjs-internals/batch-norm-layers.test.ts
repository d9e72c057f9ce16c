import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { caseOf, relativeError } from '../gradients/critics.ts';
import { withWeights } from '../gradients/operations.ts';

const backends = {
  cpu: () => tf.setBackend('cpu'),
  'wasm-train': () => wasmTrain({ threads: 1 }).activate(),
};

describe.each(Object.entries(backends))('on %s, a batch norm layer in training', (_, activate) => {
  beforeAll(async () => {
    await activate();
    enableSecondOrderGradients();
  });

  test.each([
    ['batchNorm', {}],
    ['batchNormWithoutScale', { scale: false }],
    ['batchNormWithoutOffset', { center: false }],
    ['batchNormWithoutBoth', { scale: false, center: false }],
  ])('has the gradients that PyTorch has of %s', (name, settings) => {
    const { x, weights, golden, penalty } = caseOf(name, (h, own) =>
      withWeights(tf.layers.batchNormalization({ epsilon: 1e-3, ...settings }), h, own, true),
    );
    const got = tf.tidy(() => {
      const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => penalty(values))([
        ...weights,
      ]);
      return [value, ...grads].map((tensor) => [...tensor.dataSync()]);
    });
    tf.dispose([x, ...weights]);
    expect(relativeError(got[0]!, [golden.penalty])).toBeLessThan(1e-4);
    expect(relativeError(got.slice(1).flat(), golden.gradients.flat())).toBeLessThan(1e-3);
  });

  test('takes its moving statistics towards those of the batch, without a scale too', () => {
    const layer = tf.layers.batchNormalization({ scale: false, momentum: 0.75 });
    tf.tidy(() => {
      layer.apply(tf.tensor2d([[1], [3]]), { training: true });
    });
    const [mean, variance] = layer.nonTrainableWeights.map((weight) => weight.read().dataSync()[0]);
    expect([mean, variance]).toEqual([0.5, 1]);
    layer.dispose();
  });
});
