import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { adam, clipGradients, linearDecay, type OptimizerSpec, sgd, useBackend } from 'tfjs-gan';
import { LiveOptimizer } from '../../src/optimizers/live-optimizer.ts';
import golden from '../golden/schedules.json' with { type: 'json' };
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';
import { progressAt } from '../support/progress.ts';

/** Weights that begin at zero and are moved by the golden gradients, each time times a factor. */
function walk(spec: OptimizerSpec, factors: readonly number[]): number[][] {
  const weights = golden.shapes.map((shape, i) => {
    const variable = tf.tidy(() => tf.variable(tf.zeros(shape)));
    return {
      key: `${i}`,
      read: () => variable,
      write: (value: tf.Tensor) => {
        variable.assign(value);
      },
    };
  });
  const optimizer = new LiveOptimizer(spec, weights);
  for (const factor of factors) {
    tf.tidy(() => {
      optimizer.apply(
        golden.gradients.map((values, i) => tf.mul(tf.tensor(values, golden.shapes[i]), factor)),
        progressAt(optimizer.step + 1),
      );
    });
  }
  const reached = weights.map((weight) => [...weight.read().dataSync()]);
  optimizer.dispose();
  for (const weight of weights) weight.read().dispose();
  return reached;
}

function expectClose(actual: readonly number[][], wanted: readonly number[][]): void {
  wanted.flat().forEach((value, i) => {
    const error = Math.abs((actual.flat()[i] ?? Number.NaN) - value);
    expect(error).toBeLessThanOrEqual(1e-5 * Math.abs(value) + 1e-9);
  });
}

describe.each(['cpu', 'wasm-train'] as const)('clipGradients on %s', (backend) => {
  test.each<[keyof typeof golden.clipped, Parameters<typeof clipGradients>[1]]>([
    ['value', { value: 1.5 }],
    ['norm', { norm: 4 }],
    ['globalNorm', { globalNorm: 2 }],
    ['globalNormLoose', { globalNorm: 1000 }],
  ])('clips by %s as PyTorch does', async (name, options) => {
    await useBackend(backend);
    const before = tf.memory().numTensors;
    const moved = walk(clipGradients(sgd({ learningRate: 1 }), options), [1]);
    expect(tf.memory().numTensors).toBe(before);
    expectClose(
      moved.map((values) => values.map((value) => -value)),
      golden.clipped[name],
    );
  });

  test('goes ten steps with Adam and a falling rate as PyTorch does', async () => {
    await useBackend(backend);
    const learningRate = linearDecay({ from: 2e-4, to: 5e-5, end: 20 });
    const spec = clipGradients(adam({ learningRate }), { globalNorm: 2 });
    const factors = Array.from({ length: 10 }, (_, n) => (n % 3 === 0 ? 0.05 : 1));
    expectClose(walk(spec, factors), golden.adamAfter10);
  });
});

describe('clipGradients', () => {
  test('leaves the optimizer as it was, and clips first what was asked first', () => {
    const plain = sgd({ learningRate: 1 });
    const twice = clipGradients(clipGradients(plain, { value: 1.5 }), { globalNorm: 2 });
    expect(plain).not.toHaveProperty('prepare');
    expect(twice.settings).toEqual({
      momentum: 0,
      'clip.value': 1.5,
      'clip.globalNorm': 2,
      'clip.order': 'value, globalNorm',
    });
    const values = golden.clipped.value.flat();
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    expectClose(walk(twice, [1]), [values.map((value) => (-value * 2) / length)]);
  });

  test('hands on a gradient that a weight does not have', () => {
    const written: number[][] = [];
    const spec = clipGradients(sgd({ learningRate: 1 }), { globalNorm: 1 });
    tf.tidy(() => {
      const without = { key: 'a', read: () => tf.zeros([1]), write: () => expect.unreachable() };
      const moved = {
        key: 'b',
        read: () => tf.zeros([2]),
        write: (value: tf.Tensor) => void written.push([...value.dataSync()]),
      };
      new LiveOptimizer(spec, [without, moved]).apply(
        [undefined, tf.tensor1d([3, -4])],
        progressAt(1),
      );
    });
    // The other is clipped as if it were alone.
    expectClose(written, [[-0.6, 0.8]]);
  });

  test('bounds how far a network moves, while the step tells the length before', async () => {
    const learningRate = 0.5;
    const optimizer = clipGradients(sgd({ learningRate }), { globalNorm: 1e-3 });
    using gan = tinyDcgan({ optimizers: { generator: optimizer } });
    const read = (): number[] =>
      gan.generator.model.trainableWeights.flatMap((weight) => [...weight.read().dataSync()]);
    const before = read();
    const { steps } = await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const after = read();
    const moved = Math.hypot(...after.map((value, i) => value - (before[i] ?? 0)));
    expect(steps[0]?.gradientNorms.generator).toBeGreaterThan(1e-2);
    expect(moved).toBeCloseTo(learningRate * 1e-3, 6);
  });

  test.each<[unknown, string]>([
    [{}, 'options must have exactly one of value, norm and globalNorm, got []'],
    [{ value: 1, norm: 1 }, "got ['value', 'norm']"],
    [{ length: 1 }, "options must have only the names value, norm, globalNorm, got 'length'"],
    [{ value: 0 }, 'Cannot clip gradients: value must be a positive number, got 0'],
    [{ globalNorm: Number.NaN }, 'globalNorm must be a positive number, got NaN'],
  ])('refuses %o', (options, message) => {
    expect(() => clipGradients(adam(), options as never)).toThrow(message);
  });

  test('refuses to clip twice in one way', () => {
    const clipped = clipGradients(adam(), { norm: 1 });
    expect(() => clipGradients(clipped, { norm: 2 })).toThrow(
      'Cannot clip gradients: norm must be set once, got an optimizer that already clips by it',
    );
  });
});
