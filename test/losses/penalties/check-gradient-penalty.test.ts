import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  checkGradientPenalty,
  dcganDiscriminator,
  Discriminator,
  mlpDiscriminator,
} from 'tfjs-gan';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import '../../support/on-cpu.ts';

/** A layer around any operation. */
class OperationLayer extends tf.layers.Layer {
  static className = 'OperationLayer';
  readonly #operation: (x: tf.Tensor) => tf.Tensor;

  constructor(operation: (x: tf.Tensor) => tf.Tensor) {
    super({});
    this.#operation = operation;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.#operation(Array.isArray(inputs) ? inputs[0]! : inputs);
  }
}

/** A dense critic with an operation in its middle. */
function criticWith(operation: (x: tf.Tensor) => tf.Tensor, units = 6): Discriminator {
  return new Discriminator({
    model: tf.sequential({
      layers: [
        tf.layers.dense({ units, inputShape: [3], kernelInitializer: seeded(1) }),
        new OperationLayer(operation),
        tf.layers.dense({ units: 1, kernelInitializer: seeded(2) }),
      ],
    }),
    ownsModel: true,
  });
}

const seeded = (seed: number) => tf.initializers.glorotNormal({ seed });

/** x², whose gradient was read out and so is a constant to a second backward pass. */
const squareOnce = tf.customGrad((x, save) => {
  const input = x as tf.Tensor;
  (save as tf.GradSaveFunc)([input]);
  return {
    value: tf.square(input),
    gradFunc: (dy, [saved]) => tf.mul(dy, tf.tensor(saved!.dataSync(), saved!.shape).mul(2)),
  };
});

/** x with half the slope. */
const halved = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy) => tf.mul(dy, 0.5),
}));

describe('checkGradientPenalty', () => {
  test('finds the networks of this library safe, and says which batch norm mixes samples', async () => {
    const critics = [
      mlpDiscriminator({ sampleShape: [2], hiddenUnits: [32, 32], seed: 1 }),
      dcganDiscriminator({
        imageShape: [16, 16, 3],
        baseFilters: 8,
        normalization: 'none',
        seed: 1,
      }),
      dcganDiscriminator({ imageShape: [16, 16, 1], baseFilters: 2, kernelSize: 3, seed: 1 }),
    ];
    for (const critic of critics) {
      const before = tf.memory().numTensors;
      const report = await checkGradientPenalty(critic);
      expect(tf.memory().numTensors).toBe(before);
      expect(report).toMatchObject({ ok: true, layers: [] });
      expect(report.relativeError).toBeLessThan(0.02);
      const hasBatchNorm = critic === critics[2];
      expect(report.mixesSamples.length > 0).toBe(hasBatchNorm);
    }
    for (const critic of critics) critic.dispose();
  });

  test('finds operations with kinks safe in a wide network', async () => {
    using critic = new Discriminator({
      model: tf.sequential({
        layers: [
          tf.layers.conv2d({
            filters: 8,
            kernelSize: 3,
            padding: 'same',
            activation: 'relu',
            inputShape: [12, 12, 1],
            kernelInitializer: seeded(1),
          }),
          tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
          tf.layers.conv2d({
            filters: 8,
            kernelSize: 3,
            activation: 'selu',
            kernelInitializer: seeded(2),
          }),
          tf.layers.dropout({ rate: 0.3 }),
          tf.layers.prelu({ alphaInitializer: 'glorotNormal' }),
          tf.layers.globalMaxPooling2d({}),
          tf.layers.dense({ units: 32, activation: 'relu6', kernelInitializer: seeded(3) }),
          tf.layers.dense({ units: 1, kernelInitializer: seeded(4) }),
        ],
      }),
      ownsModel: true,
    });
    expect(await checkGradientPenalty(critic)).toMatchObject({ ok: true, layers: [] });
  });

  const withSteps: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    floor: (x) => tf.mul(x, tf.floor(x)),
    ceil: (x) => tf.mul(x, tf.ceil(x)),
    round: (x) => tf.mul(x, tf.round(x)),
    'a remainder': (x) => tf.square(tf.mod(x, 0.5)),
    'the values in order': (x) => tf.square(tf.topk(x, 64).values),
    'the place of the largest': (x) => tf.mul(x, tf.oneHot(tf.argMax(x, 1), 64)),
    elu: (x) => tf.elu(x),
  };

  test.each(Object.keys(withSteps))('finds %s safe in a wide layer', async (name) => {
    using critic = criticWith(withSteps[name]!, 64);
    for (const seed of [0, 1, 2]) {
      const report = await checkGradientPenalty(critic, { seed });
      expect(report).toMatchObject({ ok: true, layers: [] });
      expect(report.relativeError).toBeLessThan(2e-3);
    }
  });

  test('finds elu safe in wide convolutions', async () => {
    await wasmTrain({ threads: 1 }).activate();
    const conv = (seed: number): tf.layers.Layer =>
      tf.layers.conv2d({
        filters: 64,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'elu',
        inputShape: [16, 16, 3],
        kernelInitializer: tf.initializers.heNormal({ seed }),
      });
    const last = tf.layers.dense({ units: 1, kernelInitializer: seeded(3) });
    const layers = [conv(1), conv(2), tf.layers.flatten(), last];
    const critic = new Discriminator({ model: tf.sequential({ layers }), ownsModel: true });
    expect(await checkGradientPenalty(critic)).toMatchObject({ ok: true, layers: [] });
    critic.dispose();
    await tf.setBackend('cpu');
  });

  test('finds maximum pooling in three dimensions safe', async () => {
    const layers = [
      tf.layers.conv3d({
        filters: 8,
        kernelSize: 3,
        padding: 'same',
        inputShape: [4, 4, 4, 1],
        kernelInitializer: seeded(1),
      }),
      tf.layers.maxPooling3d({ poolSize: [2, 2, 2], strides: [2, 2, 2] }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, kernelInitializer: seeded(2) }),
    ];
    using critic = new Discriminator({ model: tf.sequential({ layers }), ownsModel: true });
    expect(await checkGradientPenalty(critic)).toMatchObject({ ok: true, layers: [] });
  });

  test('names the layer of an operation without a gradient', async () => {
    using critic = criticWith((x) => tf.cumprod(x, 1));
    const before = tf.memory().numTensors;
    const report = await checkGradientPenalty(critic);
    expect(tf.memory().numTensors).toBe(before);
    expect(report.ok).toBe(false);
    expect(report.problem).toContain('gradient function not found for Cumprod');
    expect(report.layers).toEqual([critic.model.layers[1]!.name]);
  });

  test('names the layer of an operation of a user whose second order is wrong', async () => {
    using critic = criticWith((x) => tf.tanh(squareOnce(x)));
    const before = tf.memory().numTensors;
    const report = await checkGradientPenalty(critic);
    expect(tf.memory().numTensors).toBe(before);
    expect(report.ok).toBe(false);
    expect(report.relativeError).toBeGreaterThan(0.02);
    expect(report.layers).toEqual([critic.model.layers[1]!.name]);
  });

  test('says if the slope is zero everywhere', async () => {
    using critic = criticWith((x) => tf.round(x));
    expect(await checkGradientPenalty(critic)).toMatchObject({
      ok: false,
      layers: [],
      problem:
        'the gradient of the critic is zero at every sample, so there is nothing to compare. Check it with other weights',
    });
  });

  test('says so, and blames nothing, if the last weights are zero', async () => {
    using critic = dcganDiscriminator({ imageShape: [8, 8, 1], baseFilters: 4, seed: 1 });
    critic.model.setWeights(critic.model.getWeights().map((weight) => tf.zerosLike(weight)));
    const report = await checkGradientPenalty(critic);
    expect(report.problem).toContain('the gradient of the critic is zero at every sample');
    expect(report).toMatchObject({ ok: false, layers: [], relativeError: undefined });
  });

  test.each([1e-1, 1e-3, 1e-5])('measures last weights of %s as finely', async (stddev) => {
    const last = tf.initializers.randomNormal({ stddev, seed: 2 });
    const layers = [
      tf.layers.dense({
        units: 16,
        activation: 'tanh',
        inputShape: [3],
        kernelInitializer: seeded(1),
      }),
      tf.layers.dense({ units: 1, kernelInitializer: last }),
    ];
    using critic = new Discriminator({ model: tf.sequential({ layers }), ownsModel: true });
    const report = await checkGradientPenalty(critic);
    expect(report).toMatchObject({ ok: true, layers: [] });
    expect(report.relativeError).toBeLessThan(1e-3);
  });

  test('says which numbers are none before it looks at layers', async () => {
    const critic = criticWith((x) => tf.tanh(x));
    const samples = tf.tensor2d([[1, Infinity, 0]]);
    const before = tf.memory().numTensors;
    expect(await checkGradientPenalty(critic, { samples })).toMatchObject({
      ok: false,
      layers: [],
      problem: 'the samples hold values that are NaN or infinite',
    });
    expect(tf.memory().numTensors).toBe(before);
    const [kernel, ...others] = critic.model.getWeights();
    critic.model.setWeights([tf.fill(kernel!.shape, Number.NaN), ...others]);
    expect(await checkGradientPenalty(critic)).toMatchObject({
      ok: false,
      layers: [],
      problem: "the weight '0.dense/kernel' of the critic has values that are NaN or infinite",
    });
    samples.dispose();
    critic.dispose();

    using overflowing = criticWith((x) => tf.exp(tf.mul(tf.square(x), 1e9)));
    expect(await checkGradientPenalty(overflowing)).toMatchObject({
      ok: false,
      layers: [],
      problem: "the critic's outputs are NaN or infinite",
    });
  });

  test.each([
    [
      'whole numbers and back',
      (x) => tf.mul(x, tf.cast(tf.cast(tf.mul(x, 3), 'int32'), 'float32')),
    ],
    ['half the slope', (x) => tf.tanh(halved(x))],
  ] as const satisfies [string, (x: tf.Tensor) => tf.Tensor][])(
    'finds a slope that is not that of the logits, and names the layer of %s',
    async (_, operation) => {
      using critic = criticWith(operation);
      const before = tf.memory().numTensors;
      const report = await checkGradientPenalty(critic);
      expect(tf.memory().numTensors).toBe(before);
      expect(report.ok).toBe(false);
      expect(report.problem).toMatch(
        /^the gradient of the critic differs from central differences of its outputs by 0\.(48|49|5)/,
      );
      expect(report.layers).toEqual([critic.model.layers[1]!.name]);
    },
  );

  test('takes no sharp bend for an error', async () => {
    using critic = criticWith((x) => tf.tanh(tf.mul(x, 300)));
    const samples = tf.tensor2d([
      [1e-3, 0, -1e-3],
      [2, -1, 1],
    ]);
    expect(await checkGradientPenalty(critic, { samples })).toMatchObject({ ok: true, layers: [] });
    samples.dispose();
  });

  test('leaves the critic as it was and returns the same twice', async () => {
    using critic = dcganDiscriminator({ imageShape: [8, 8, 1], baseFilters: 4, seed: 2 });
    const weights = (): number[][] =>
      critic.model.weights.map((weight) => [...weight.read().dataSync()]);
    const before = weights();
    const first = await checkGradientPenalty(critic, { seed: 3 });
    expect(weights()).toEqual(before);
    expect(await checkGradientPenalty(critic, { seed: 3 })).toEqual(first);
  });

  test('refuses samples that it cannot look at', async () => {
    using critic = mlpDiscriminator({ sampleShape: [2] });
    const [wide, none, gone] = [tf.zeros([4, 3]), tf.zeros([0, 2]), tf.zeros([4, 2])];
    gone.dispose();
    const wrong: readonly (readonly [samples: tf.Tensor, message: string])[] = [
      [wide, 'samples must have the shape [null, 2], got [4, 3]'],
      [none, 'samples must have the shape [null, 2] and not be empty, got [0, 2]'],
      [gone, 'samples must not be disposed, got a disposed tensor'],
      [[[1, 2]] as never, 'samples must be a tf.Tensor, got [[1, 2]]'],
      [null as never, 'samples must be a tf.Tensor, got null'],
    ];
    for (const [samples, message] of wrong) {
      await expect(checkGradientPenalty(critic, { samples })).rejects.toThrow(
        `Cannot check a critic: ${message}`,
      );
    }
    tf.dispose([wide, none]);
  });

  test('refuses options that mean nothing', async () => {
    using critic = mlpDiscriminator({ sampleShape: [2] });
    const wrong: readonly (readonly [options: object, message: string])[] = [
      [{ tolerance: 0 }, 'tolerance must be a positive number, got 0'],
      [
        { tol: 1 },
        "options must have only the names samples, batchSize, seed, tolerance, got 'tol'",
      ],
      [null as never, 'options must be an object of settings, got null'],
    ];
    for (const [options, message] of wrong) {
      await expect(checkGradientPenalty(critic, options)).rejects.toThrow(
        `Cannot check a critic: ${message}`,
      );
    }
  });

  test('refuses what is no discriminator, or was one', async () => {
    const critic = mlpDiscriminator({ sampleShape: [2] });
    const { model } = critic;
    await expect(checkGradientPenalty(model as never)).rejects.toThrow(
      'Cannot check a critic: discriminator must be a Discriminator, got an instance of Sequential. ' +
        'Wrap a tf.LayersModel: new Discriminator({ model })',
    );
    await expect(checkGradientPenalty(null as never)).rejects.toThrow(
      'discriminator must be a Discriminator, got null',
    );
    critic.dispose();
    await expect(checkGradientPenalty(critic)).rejects.toThrow(
      'Cannot check a critic: the Discriminator was disposed',
    );
  });
});
