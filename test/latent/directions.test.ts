import * as tf from '@tensorflow/tfjs';
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition, solve } from 'ml-matrix';
import { dcganGenerator, Generator, mlpGenerator, r3ganGenerator } from 'tfjs-gan';
import { type Direction, directions, type DirectionsOptions } from 'tfjs-gan/latent';
import { featureExtractor } from 'tfjs-gan/metrics';
import { describe, expect, test } from 'vitest';
import { deriveSeed } from '../../src/core/random.ts';
import { echo, embedded } from '../models/conditional-networks.ts';
import '../support/on-cpu.ts';

const quick: DirectionsOptions = { draws: 2 };

/** By share of the method, as the effect has its own tests. */
function byShare(found: readonly Direction[]): Direction[] {
  return [...found].sort((a, b) => b.share - a.share);
}

function expectParallel(found: Float32Array, wanted: readonly number[]): void {
  const length = Math.hypot(...wanted);
  const cosine = wanted.reduce((sum, value, i) => sum + (value / length) * found[i]!, 0);
  expect(Math.hypot(...found)).toBeCloseTo(1, 5);
  expect(Math.max(...found)).toBe(Math.max(...found.map(Math.abs)));
  expect(1 - Math.abs(cosine)).toBeLessThan(1e-5);
}

/** The rows of a kernel that belong to latents, from any row on. */
function kernelOf({ model }: Generator, rows: number, from = 0): Matrix {
  const dense = model.layers.find((layer) => layer.getClassName() === 'Dense')!;
  return new Matrix((dense.getWeights()[0] as tf.Tensor2D).arraySync().slice(from, from + rows));
}

/** Eigenvectors of the products of the kernel's rows, its columns scaled to length 1, by ml-matrix. */
function sefaByMlMatrix(kernel: Matrix): { vectors: number[][]; shares: number[] } {
  const scaled = kernel.clone();
  for (let column = 0; column < scaled.columns; column += 1) {
    const length = Math.hypot(...scaled.getColumn(column));
    for (let row = 0; row < scaled.rows; row += 1) {
      scaled.set(row, column, scaled.get(row, column) / length);
    }
  }
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(
    scaled.mmul(scaled.transpose()),
    { assumeSymmetric: true },
  );
  const order = Array.from(realEigenvalues.keys()).sort(
    (a, b) => realEigenvalues[b]! - realEigenvalues[a]!,
  );
  const sum = realEigenvalues.reduce((total, value) => total + value, 0);
  return {
    vectors: order.map((column) => eigenvectorMatrix.getColumn(column)),
    shares: order.map((column) => realEigenvalues[column]! / sum),
  };
}

describe('directions by SeFa', () => {
  const conditional = mlpGenerator({
    sampleShape: [3],
    latentSize: 5,
    hiddenUnits: [40],
    classes: 3,
    seed: 2,
  });
  const convolutional = dcganGenerator({
    imageShape: [8, 8, 1],
    latentSize: 6,
    baseFilters: 2,
    seed: 3,
  });

  test.each<[string, Generator]>([
    ['a dense network with classes', conditional],
    ['a convolutional one', convolutional],
    [
      'a residual one',
      r3ganGenerator({
        imageShape: [8, 8, 1],
        latentSize: 6,
        baseFilters: 8,
        seed: 4,
      }),
    ],
  ])('are the eigenvectors of the weights of %s', async (_, generator) => {
    const size = generator.latentSize;
    const { vectors, shares } = sefaByMlMatrix(kernelOf(generator, size));
    const found = byShare(await directions(generator, { ...quick, count: size }));
    expect(found.length).toBe(size);
    found.forEach(({ vector, share }, i) => {
      expectParallel(vector, vectors[i]!);
      expect(share).toBeCloseTo(shares[i]!, 5);
    });
  });

  test('finds the latents behind a condition, and in several layers', async () => {
    const [labels, latents] = [tf.input({ shape: [2] }), tf.input({ shape: [3] })];
    const given = tf.layers.concatenate().apply([labels, latents]) as tf.SymbolicTensor;
    const kernelInitializer = tf.initializers.glorotNormal({ seed: 5 });
    const wide = tf.layers.dense({ units: 7, kernelInitializer });
    const narrow = tf.layers.dense({
      units: 4,
      kernelInitializer: tf.initializers.glorotNormal({ seed: 6 }),
    });
    const outputs = tf.layers
      .concatenate()
      .apply([
        wide.apply(given),
        narrow.apply(latents),
      ] as tf.SymbolicTensor[]) as tf.SymbolicTensor;
    const generator = new Generator({
      model: tf.model({ inputs: [labels, latents], outputs }),
      inputs: { condition: { size: 2, source: 'normal' }, latents: 3 },
    });
    const first = (wide.getWeights()[0] as tf.Tensor2D).arraySync().slice(2);
    const second = (narrow.getWeights()[0] as tf.Tensor2D).arraySync();
    const kernel = new Matrix(first.map((row, i) => [...row, ...second[i]!]));
    const { vectors } = sefaByMlMatrix(kernel);
    const found = byShare(await directions(generator, quick));
    expect(found).toHaveLength(3);
    found.forEach(({ vector }, i) => expectParallel(vector, vectors[i]!));
  });

  test('are those of the averaged weights, if there are any', async () => {
    const generator = mlpGenerator({ sampleShape: [3], latentSize: 4, hiddenUnits: [20], seed: 7 });
    generator.emaWeights();
    const averaged = sefaByMlMatrix(kernelOf(generator, 4));
    const [kernel, ...others] = generator.model.layers[0]!.getWeights();
    generator.model.layers[0]!.setWeights([tf.reverse(kernel!, 0), ...others]);
    const [first] = byShare(await directions(generator, quick));
    expectParallel(first!.vector, averaged.vectors[0]!);
  });
});

describe('directions by GANSpace', () => {
  test.each([
    ['fewer activations than draws', 12],
    ['more activations than draws', 90],
  ])('are principal components on the latents, with %s', async (_, units) => {
    const generator = mlpGenerator({
      sampleShape: [3],
      latentSize: 4,
      hiddenUnits: [units],
      seed: 8,
    });
    const samples = 60;
    const options = { ...quick, method: 'ganspace', count: 3, samples, seed: 9 } as const;
    const found = byShare(await directions(generator, options));

    const seed = deriveSeed(9, 'axes');
    const latents = new Matrix(generator.latents(samples, { seed }).arraySync()).center('column');
    const [kernel, bias] = generator.model.layers[0]!.getWeights();
    const values = tf.relu(
      tf.add(tf.matMul(generator.latents(samples, { seed }), kernel as tf.Tensor2D), bias!),
    );
    const table = new Matrix((values as tf.Tensor2D).arraySync()).center('column');
    const { rightSingularVectors, diagonal } = new SingularValueDecomposition(table, {
      autoTranspose: true,
    });
    const sum = diagonal.reduce((total, value) => total + value ** 2, 0);
    expect(found).toHaveLength(3);
    found.forEach(({ vector, share }, i) => {
      const coordinates = table.mmul(Matrix.columnVector(rightSingularVectors.getColumn(i)));
      expectParallel(vector, solve(latents, coordinates).getColumn(0));
      expect(share).toBeCloseTo(diagonal[i]! ** 2 / sum, 4);
    });
  });

  test('leave out components of units that never vary', async () => {
    const generator = mlpGenerator({ sampleShape: [3], latentSize: 4, hiddenUnits: [4], seed: 8 });
    const [dense] = generator.model.layers;
    const [kernel, bias] = dense!.getWeights() as [tf.Tensor2D, tf.Tensor];
    dense!.setWeights([tf.mul(kernel, [1, 1, 0, 1]), bias]);
    const found = await directions(generator, { ...quick, method: 'ganspace', samples: 60 });
    expect(found.length).toBe(3);
    for (const { vector, share } of found) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      expect(share).toBeGreaterThan(0);
    }
  });

  test('takes the values after the first activation of a convolutional network', async () => {
    const generator = dcganGenerator({
      imageShape: [8, 8, 1],
      latentSize: 3,
      baseFilters: 2,
      classes: 2,
      seed: 3,
    });
    const found = await directions(generator, {
      ...quick,
      method: 'ganspace',
      count: 3,
      samples: 40,
      labels: 1,
    });
    expect(found.map(({ vector }) => vector.length)).toEqual([3, 3, 3]);
    const total = found.reduce((sum, { share }) => sum + share, 0);
    expect(total).toBeGreaterThan(0.5);
    expect(total).toBeLessThan(1);
  });
});

describe('directions', () => {
  /** Three latents, times 1, 5 and 3. */
  function scaled(): Generator {
    const layer = tf.layers.dense({ units: 3, useBias: false, inputShape: [3] });
    const model = tf.sequential({ layers: [layer] });
    layer.setWeights([tf.tensor2d([1, 0, 0, 0, 5, 0, 0, 0, 3], [3, 3])]);
    return new Generator({ model });
  }

  test('are sorted by the effect on samples', async () => {
    const found = await directions(scaled(), { method: 'ganspace', samples: 2000, reach: 0.5 });
    const places = found.map(({ vector }) => vector.indexOf(Math.max(...vector)));
    expect(places).toEqual([1, 2, 0]);
    // From −½ to ½ along the axis, as the root of the mean of three squares.
    [5, 3, 1].forEach((factor, i) => {
      expect(Math.abs(found[i]!.effect / (factor / Math.sqrt(3)) - 1)).toBeLessThan(0.02);
    });
  });

  test('have the effect on features, if they are given', async () => {
    const features = featureExtractor((rows) => tf.slice(rows, [0, 2], [-1, 1]), {
      name: 'third',
      inputShape: [3],
    });
    const [first] = await directions(scaled(), { method: 'ganspace', samples: 2000, features });
    expect(first!.vector.indexOf(Math.max(...first!.vector))).toBe(2);
    expect(Math.abs(first!.effect / 12 - 1)).toBeLessThan(0.02);
  });

  test('are the same for the same seed, and leave no tensors behind', async () => {
    const generator = mlpGenerator({
      sampleShape: [3],
      latentSize: 4,
      hiddenUnits: [8],
      classes: 3,
    });
    const before = tf.memory().numTensors;
    const find = (seed: number): Promise<Direction[]> =>
      directions(generator, { ...quick, method: 'ganspace', samples: 30, seed });
    expect(await find(1)).toEqual(await find(1));
    expect(await find(1)).not.toEqual(await find(2));
    await directions(generator, { ...quick, labels: 2 });
    await expect(directions(generator, { labels: 3 })).rejects.toThrow(RangeError);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[object, string]>([
    [{ method: 'pca' }, "method must be one of 'sefa', 'ganspace', got 'pca'"],
    [{ count: 3 }, 'count must be at most the number of latents, 2, got 3'],
    [{ method: 'ganspace', samples: 2 }, 'samples must be more than the 2 latents, got 2'],
    [{ reach: 0 }, 'reach must be a positive number, got 0'],
    [{ draws: 0 }, 'draws must be a positive integer, got 0'],
    [{ seed: 1.5 }, 'seed must be an integer of at least 0 and less than 2³², got 1.5'],
    [
      { k: 1 },
      "options must have only the names method, count, samples, features, reach, draws, seed, got 'k'",
    ],
  ])('refuse %j', async (options, message) => {
    await expect(directions(echo({ latents: 2 }), options)).rejects.toThrow(
      `Cannot find directions: ${message}`,
    );
  });

  test.each(['sefa', 'ganspace'] as const)('by %s need latents that matter', async (method) => {
    const generator = mlpGenerator({ sampleShape: [3], latentSize: 4, hiddenUnits: [4], seed: 8 });
    const [dense] = generator.model.layers;
    dense!.setWeights(dense!.getWeights().map((weight) => tf.zerosLike(weight)));
    await expect(directions(generator, { ...quick, method })).rejects.toThrow(
      'Cannot find directions: the outputs of the first layer must vary with the latents, got weights of 0',
    );
  });

  test('need a dense layer for the latents', async () => {
    await expect(directions(embedded(3))).rejects.toThrow(
      "Cannot find directions: the layers that receive the latents must be dense, got 'Add'",
    );
  });
});
