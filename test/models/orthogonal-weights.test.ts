import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { dcganDiscriminator, dcganGenerator, setOrthogonalWeights } from 'tfjs-gan';
import { kernelMatrices } from '../../src/models/kernel-matrix.ts';
import '../support/on-cpu.ts';

/** By how much WWᵀ or WᵀW, whichever is smaller, misses gain² · I, for each kernel of a model. */
function misses(model: tf.LayersModel, gain = 1): number[] {
  return kernelMatrices(model).map((kernel) =>
    tf.tidy(() => {
      const matrix = kernel.toMatrix(kernel.weight.read());
      const wide = kernel.rows < kernel.columns;
      const square = wide
        ? tf.matMul(matrix, matrix, false, true)
        : tf.matMul(matrix, matrix, true);
      const wanted = tf.mul(tf.eye(square.shape[0]), gain ** 2);
      return tf.max(tf.abs(tf.sub(square, wanted))).dataSync()[0]!;
    }),
  );
}

function layersOfAllKinds(): tf.LayersModel {
  const { conv2d, conv2dTranspose, depthwiseConv2d, flatten, dense } = tf.layers;
  return tf.sequential({
    layers: [
      conv2d({ inputShape: [6, 6, 2], filters: 5, kernelSize: 3 }),
      conv2dTranspose({ filters: 3, kernelSize: [2, 1] }),
      depthwiseConv2d({ depthMultiplier: 2, kernelSize: 2 }),
      flatten(),
      dense({ units: 100 }),
      dense({ units: 3 }),
    ],
  });
}

describe('setOrthogonalWeights', () => {
  test('leaves the shorter side of every kernel orthonormal, times the gain', () => {
    const model = layersOfAllKinds();
    for (const gain of [1, 1.4]) {
      setOrthogonalWeights(model, { gain });
      expect(misses(model, gain)).toHaveLength(5);
      expect(Math.max(...misses(model, gain))).toBeLessThan(1e-5);
    }
    // A transposed convolution by its outputs: [height, width, out, in].
    tf.tidy(() => {
      const kernel = model.layers[1]!.getWeights()[0]!;
      const outputs = tf.reshape(tf.transpose(kernel, [2, 0, 1, 3]), [3, 2 * 5]);
      const square = tf.matMul(outputs, outputs, false, true);
      const miss = tf.max(tf.abs(tf.sub(square, tf.mul(tf.eye(3), 1.96))));
      expect(miss.dataSync()[0]).toBeLessThan(1e-5);
    });
    model.dispose();
  });

  test('favors no direction: squares of single numbers average to one over the side', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 })] });
    const sums = [0, 0];
    for (let seed = 0; seed < 400; seed += 1) {
      setOrthogonalWeights(model, { seed });
      const [kernel] = model.getWeights();
      const [first = NaN] = kernel!.dataSync();
      sums[0]! += first;
      sums[1]! += first ** 2;
    }
    // Standard errors are 0.025 and 0.011.
    expect(Math.abs(sums[0]! / 400)).toBeLessThan(0.1);
    expect(Math.abs(sums[1]! / 400 - 0.25)).toBeLessThan(0.045);
    model.dispose();
  });

  test('leaves the rest alone, gives the same for the same seed, and keeps no tensor', () => {
    const read = (seed: number): number[][] => {
      const generator = dcganGenerator({ imageShape: [8, 8, 1], baseFilters: 2, seed: 1 });
      const before = tf.memory().numTensors;
      setOrthogonalWeights(generator.model, { seed });
      expect(tf.memory().numTensors).toBe(before);
      const values = generator.model.weights.map((weight) => [...weight.read().dataSync()]);
      generator.dispose();
      return values;
    };
    expect(read(1)).toEqual(read(1));
    const [one, two] = [read(1), read(2)];
    const changed = one.map((values, i) => String(values) !== String(two[i]));
    // Dense, batch norm, transposed, batch norm, transposed; then batch norm's statistics.
    expect(changed).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0].map((kernel) => kernel === 1));
  });

  test('is an option of the DCGAN networks, also at their full width in time', () => {
    const options = { imageShape: [28, 28, 1], initializer: 'orthogonal' } as const;
    for (const network of [dcganGenerator(options), dcganDiscriminator(options)]) {
      expect(Math.max(...misses(network.model))).toBeLessThan(1e-5);
      network.dispose();
    }
  });

  test('refuses what is no model, gain or seed', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 4 })] });
    expect(() => setOrthogonalWeights({} as never)).toThrow(
      'Cannot set orthogonal weights: model must be a tf.LayersModel, got an object',
    );
    expect(() => setOrthogonalWeights(model, { gain: 0 })).toThrow(
      'Cannot set orthogonal weights: gain must be a positive number, got 0',
    );
    expect(() => setOrthogonalWeights(model, { seed: -1 })).toThrow('seed must be an integer');
    expect(() => dcganGenerator({ imageShape: [8, 8, 1], initializer: 'he' as never })).toThrow(
      "initializer must be one of 'normal', 'orthogonal', got 'he'",
    );
    model.dispose();
  });
});
