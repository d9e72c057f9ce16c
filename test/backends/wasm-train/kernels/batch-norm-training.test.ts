import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from '../../../../src/gradients/enable-second-order-gradients.ts';
import { expectAsOnCpu, noisy, onWasmTrain } from '../support.ts';

type LayerOptions = Parameters<typeof tf.layers.batchNormalization>[0];

/** A layer with noise as weights, and initial moving statistics. */
function layerFor(shape: readonly number[], options: LayerOptions = {}): tf.layers.Layer {
  const layer = tf.layers.batchNormalization({ momentum: 0.9, ...options });
  layer.build([...shape]);
  for (const [i, { name, shape: weightShape }] of layer.weights.entries()) {
    if (/gamma|beta/.test(name)) layer.weights[i]?.write(noisy(weightShape as number[], i + 7));
  }
  return layer;
}

function variableOf(weight: tf.LayerVariable): tf.Variable {
  const value = weight.read();
  if (!(value instanceof tf.Variable)) throw new TypeError(`${weight.name} is no variable`);
  return value as tf.Variable;
}

/**
 * The results of a layer for a training batch: outputs, all gradients, and the new moving
 * statistics.
 */
function trained(shape: readonly number[], seed: number, options?: LayerOptions): tf.Tensor[] {
  const layer = layerFor(shape, options);
  const x = tf.variable(noisy(shape, seed));
  const call = (): tf.Tensor => layer.call(x, { training: true }) as tf.Tensor;
  const y = call();
  const variables = layer.trainableWeights.map(variableOf);
  const { grads } = tf.variableGrads(
    () => tf.sum(tf.mul(call(), noisy(shape, seed + 1))),
    [x, ...variables],
  );
  const results = [y, ...Object.values(grads), ...layer.weights.map((weight) => weight.read())];
  const copies = results.map((tensor) => tf.add(tensor, 0));
  tf.dispose(layer.weights.map((weight) => weight.read()));
  x.dispose();
  return copies;
}

describe('a batch norm layer in training', () => {
  onWasmTrain();

  test('matches cpu: outputs, gradients, moving statistics, for any rank that tfjs supports', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        async (places, channels, seed) => {
          // A channel of one value has no variance: its gradient is scaled by 1/√ε, and all is
          // rounding.
          fc.pre(tf.util.sizeFromShape(places) > 3);
          await expectAsOnCpu(() => trained([...places, channels], seed), {
            relative: 1e-3,
            absolute: 2e-4,
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('sums more rows than one block holds', async () => {
    await expectAsOnCpu(() => trained([3, 11, 13, 19], 3), { relative: 1e-3, absolute: 2e-4 });
  });

  test('leaves other axes to the operations of the layer', async () => {
    await expectAsOnCpu(
      () => {
        const layer = layerFor([4, 3, 5], { axis: 1 });
        const y = layer.call(noisy([4, 3, 5], 5), { training: true }) as tf.Tensor;
        return [y, ...layer.weights.map((weight) => tf.add(weight.read(), 0))];
      },
      { ours: false },
    );
  });

  test('needs neither scale nor offset', () => {
    const x = noisy([6, 4], 3);
    const bare = layerFor([6, 4], { scale: false, center: false });
    const y = bare.call(x, { training: true }) as tf.Tensor;
    const { mean, variance } = tf.moments(x, 0);
    const wanted = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));
    expect(tf.max(tf.abs(tf.sub(y, wanted))).dataSync()[0]).toBeLessThan(1e-5);
  });

  test('keeps the variance of a channel far from zero', () => {
    const offset = 4096;
    const x = tf.add(tf.mul(tf.range(0, 64), 1 / 64), offset).reshape([64, 1]);
    const layer = layerFor([64, 1], { momentum: 0 });
    layer.call(x, { training: true });
    const moving = layer.weights.at(-1)?.read().dataSync()[0] ?? Number.NaN;
    // That of 0, 1/64, … 63/64: (64² − 1) / 12 / 64².
    expect(moving).toBeCloseTo(4095 / 12 / 4096, 5);
  });

  test('propagates NaN', () => {
    const x = tf.tensor2d([1, Number.NaN, 2, 3], [2, 2]);
    const y = layerFor([2, 2]).call(x, { training: true }) as tf.Tensor;
    const [a, b, c, d] = y.dataSync();
    expect([a, c].every(Number.isFinite)).toBe(true);
    expect([b, d]).toEqual([Number.NaN, Number.NaN]);
  });

  test('has second-order gradients', async () => {
    enableSecondOrderGradients();
    const shape = [5, 3, 3, 4];
    await expectAsOnCpu(
      () => {
        const layer = layerFor(shape);
        const score = (x: tf.Tensor): tf.Tensor =>
          tf.sum(tf.mul(tf.tanh(layer.call(x, { training: true }) as tf.Tensor), noisy(shape, 2)));
        const penalty = (): tf.Scalar => tf.sum(tf.square(tf.grad(score)(noisy(shape, 1))));
        const weights = layer.trainableWeights.map(variableOf);
        const { value, grads } = tf.variableGrads(penalty, weights);
        return [value, ...Object.values(grads)].map((tensor) => tf.add(tensor, 0));
      },
      { relative: 1e-3, absolute: 1e-3 },
    );
  });

  test('leaves no tensors behind', () => {
    const layer = layerFor([4, 3, 3, 2]);
    const x = noisy([4, 3, 3, 2], 1);
    const before = tf.memory();
    tf.dispose(tf.grad((input) => tf.sum(layer.call(input, { training: true }) as tf.Tensor))(x));
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    });
  });
});
