import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WasmTrainBackend } from '../../../src/backends/wasm-train/wasm-train-backend.ts';
import { noisy, startedBackend } from './support.ts';

/** A small conv net with all the layers of a discriminator and a generator. */
function network(): tf.Sequential {
  const initializer = (
    seed: number,
  ): { kernelInitializer: ReturnType<typeof tf.initializers.randomNormal> } => ({
    kernelInitializer: tf.initializers.randomNormal({ stddev: 0.1, seed }),
  });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [12, 12, 1],
        filters: 4,
        kernelSize: 5,
        strides: 2,
        padding: 'same',
        ...initializer(1),
      }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.conv2dTranspose({
        filters: 3,
        kernelSize: 4,
        strides: 2,
        padding: 'same',
        useBias: false,
        ...initializer(2),
      }),
      tf.layers.batchNormalization(),
      tf.layers.reLU(),
      tf.layers.conv2d({ filters: 2, kernelSize: 3, activation: 'tanh', ...initializer(3) }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, ...initializer(4) }),
    ],
  });
}

/** Trains for some steps and calls `each` after every step. Returns the losses. */
async function train(
  steps: number,
  each: (step: number) => void = () => undefined,
): Promise<number[]> {
  const model = network();
  const optimizer = tf.train.adam(0.01);
  const weights = model.trainableWeights
    .map((weight) => weight.read())
    .filter((weight) => weight instanceof tf.Variable);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = tf.tidy(() => {
      const images = noisy([7, 12, 12, 1], 100 + (step % 5));
      const labels = tf.tensor([1, 0, 1, 0, 0, 1, 1], [7, 1]);
      const { value, grads } = tf.variableGrads(() => {
        const logits = model.apply(images, { training: true }) as tf.Tensor;
        return tf.losses.sigmoidCrossEntropy(labels, logits);
      }, weights);
      optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
      return value;
    });
    // Disposed while the read waits, as a trainer that does not await its losses would.
    const read = loss.data();
    loss.dispose();
    losses.push((await read)[0] ?? Number.NaN);
    each(step);
  }
  model.dispose();
  optimizer.dispose();
  return losses;
}

describe('training on wasm-train', () => {
  let backend: WasmTrainBackend;

  beforeAll(async () => {
    backend = await startedBackend();
  });

  afterAll(async () => {
    await tf.setBackend('cpu');
  });

  test('matches the losses of cpu, step by step', async () => {
    await tf.setBackend('cpu');
    const wanted = await train(8);
    await tf.setBackend('wasm-train');
    const got = await train(8);
    expect(wanted.at(-1)).toBeLessThan(wanted[0] ?? 0);
    for (const [step, loss] of wanted.entries()) {
      expect(Math.abs((got[step] ?? Number.NaN) - loss)).toBeLessThan(1e-3 * loss);
    }
  });

  test('returns the same bits twice', async () => {
    expect(await train(5)).toEqual(await train(5));
  });

  test('holds tensors, blocks and the memory itself flat over many steps, and frees all', async () => {
    const start = { tensors: tf.memory().numTensors, bytes: backend.pool.bytesInUse };
    const seen: { tensors: number; bytes: number; reserved: number }[] = [];
    await train(200, () => {
      const { bytesInUse, bytesReserved } = backend.pool;
      seen.push({ tensors: tf.memory().numTensors, bytes: bytesInUse, reserved: bytesReserved });
    });
    // The first step creates Adam's moments.
    expect(seen.at(-1)).toEqual(seen[1]);
    expect(new Set(seen.slice(1).map(({ bytes }) => bytes)).size).toBe(1);
    expect({ tensors: tf.memory().numTensors, bytes: backend.pool.bytesInUse }).toEqual(start);
  });

  test('continues at the same place after steps on another backend', async () => {
    const model = network();
    const image = noisy([1, 12, 12, 1], 5);
    const predict = (): number =>
      tf.tidy(() => (model.predict(image) as tf.Tensor).dataSync()[0] ?? 0);
    const first = predict();
    const before = { tensors: tf.memory().numTensors, bytes: backend.pool.bytesInUse };
    for (let turn = 0; turn < 5; turn++) {
      await tf.setBackend('cpu');
      expect(predict()).toBeCloseTo(first, 5);
      // All weights are on cpu now, and none of their blocks remain here.
      expect(backend.pool.bytesInUse).toBe(0);
      await tf.setBackend('wasm-train');
      expect(predict()).toBe(first);
    }
    expect({ tensors: tf.memory().numTensors, bytes: backend.pool.bytesInUse }).toEqual(before);
    image.dispose();
    model.dispose();
  });
});
