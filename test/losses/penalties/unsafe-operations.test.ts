import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients, Random } from 'tfjs-gan';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import { findUnsafeOperations } from '../../../src/losses/penalties/check/unsafe-operations.ts';
import { caseNames, caseOf } from '../../gradients/critics.ts';

const unsafeIn = (critic: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) =>
  findUnsafeOperations([], critic, x, 'differs', new Random(1));

describe('findUnsafeOperations', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    enableSecondOrderGradients();
  });

  const ofSamples = caseNames.filter((name) => !name.endsWith('ByWeights'));

  test.each(ofSamples)('blames nothing in %s, which PyTorch agrees with', async (name) => {
    const { x, weights, critic } = caseOf(name);
    const before = tf.memory().numTensors;
    expect(await unsafeIn((samples) => critic(samples, weights), x)).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, ...weights]);
  });

  test('names an operation whose gradient is not that of its value', async () => {
    const x = tf.tensor2d([[1.4, -2.3, 0.6]]);
    const [operation, ...others] = await unsafeIn(
      (h) => tf.cast(tf.cast(h, 'int32'), 'float32'),
      x,
    );
    expect(operation).toMatchObject({ kernel: 'Cast', problem: 'differs' });
    expect(operation?.reason).toBe('its gradient differs from central differences by 100 %');
    expect(others).toEqual([]);
    x.dispose();
  });

  test('does not take the links of this library for an operation of a user', async () => {
    const x = tf.tensor2d([[1.4, -2.3, 0.6]]);
    expect(await unsafeIn((h) => tf.tanh(tf.exp(tf.sigmoid(h))), x)).toEqual([]);
    const layer = tf.layers.batchNormalization({});
    await wasmTrain({ threads: 1 }).activate();
    const normalized = (h: tf.Tensor): tf.Tensor => layer.apply(h, { training: true }) as tf.Tensor;
    const images = tf.randomNormal([2, 3, 3, 2], 0, 1, 'float32', 1);
    expect(await unsafeIn(normalized, images)).toEqual([]);
    await tf.setBackend('cpu');
    tf.dispose([x, images]);
    layer.dispose();
  });
});
