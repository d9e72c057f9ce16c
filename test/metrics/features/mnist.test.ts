import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { mnistFeatures } from '../../../src/metrics/features/mnist.ts';
import { mnistLayers } from '../../../src/metrics/features/mnist-network.ts';
import { mnistWeights } from '../../../src/metrics/features/mnist-weights.ts';
import { packWeights, unpackWeights } from '../../../src/metrics/features/packed-weights.ts';
import { loadMnist } from '../../../src/platforms/node/load-mnist.ts';
import { onWasmTrain, tensorsLeft } from '../golden.ts';

onWasmTrain();

describe('mnistFeatures', () => {
  test('classifies at least 99.2 % of all test images', async () => {
    const extractor = mnistFeatures();
    let right = 0;
    const left = await tensorsLeft(async () => {
      const test = await loadMnist({ split: 'test' });
      for await (const { samples, labels } of test.batches({ batchSize: 500 })) {
        const { features, logits } = extractor.extract(samples);
        const hits = tf.tidy(() => tf.sum(tf.equal(tf.argMax(logits!, 1), labels!)));
        right += (await hits.data())[0]!;
        tf.dispose([samples, labels!, features, logits!, hits]);
      }
    });
    expect(right).toBeGreaterThanOrEqual(9_920);
    expect(left).toBe(0);
  });

  test('has 64 features, ten logits and weights of less than 400 kB', () => {
    const extractor = mnistFeatures();
    const { features, logits } = extractor.extract(tf.zeros([3, 28, 28, 1]));
    expect([features.shape, logits?.shape]).toEqual([[3, 64], [3, 10]]); // prettier-ignore
    expect(extractor).toMatchObject({
      inputShape: [28, 28, 1],
      valueRange: [-1, 1],
      featureSize: 64,
    });
    expect(mnistWeights.length).toBeLessThan(400_000);
    expect(unpackWeights(mnistWeights, mnistLayers)).toHaveLength(6);
  });
});

describe('packWeights', () => {
  test('keeps each weight to 1/254 of its channel’s largest, and biases bit-for-bit', async () => {
    const kernel = tf.tensor2d([[1, -100, 0], [-0.5, 33, 0], [0.123, 0, 0]]); // prettier-ignore
    const bias = tf.tensor1d([0.1, -7, 1e-9]);
    const packed = await packWeights([{ kernel, bias }]);
    const [layer] = unpackWeights(packed, [{ shape: [3, 3] }]);
    expect([...layer!.bias]).toEqual([...(await bias.data())]);
    const weights = await kernel.data();
    layer!.kernel.forEach((weight, i) => {
      expect(Math.abs(weight - weights[i]!)).toBeLessThanOrEqual([1, 100, 0][i % 3]! / 253.9);
    });
  });
});
