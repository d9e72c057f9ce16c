import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  checkGradientPenalty,
  ConditionalBatchNorm,
  Discriminator,
  Generator,
  mlpDiscriminator,
  ring8,
  Trainer,
} from 'tfjs-gan';
import { batchNormTraining } from '../../src/backends/wasm-train/kernels/batch-norm-training.ts';
import { modelWeights, withStatisticsHeld } from '../../src/models/model-weights.ts';
import {
  backends,
  conditionOf,
  expectClose,
  formOf,
  goldenBatchNorms,
  matchesPyTorch,
  tensorOf,
  weightOf,
  withGoldenWeights,
} from './golden-layers.ts';
import { savedBy } from './saved-by.ts';

const { classNameMap } = tf.serialization.SerializationMap.getMap();

/** A generator as BigGAN has them, whose condition is a part of the latents: here all of them. */
function bigGanBlock(): tf.LayersModel {
  const latents = tf.input({ shape: [4] });
  const dense = (units: number, seed: number, x: tf.SymbolicTensor): tf.SymbolicTensor =>
    tf.layers
      .dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed }) })
      .apply(x) as tf.SymbolicTensor;
  const normalized = new ConditionalBatchNorm({ conditionSize: 4, seed: 3 }).apply([
    dense(6, 1, latents),
    latents,
  ]) as tf.SymbolicTensor;
  const active = tf.layers.reLU().apply(normalized) as tf.SymbolicTensor;
  return tf.model({ inputs: latents, outputs: dense(2, 2, active) });
}

function valuesOf(tensor: tf.Tensor): number[] {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
}

describe('ConditionalBatchNorm in training', () => {
  matchesPyTorch(goldenBatchNorms, (one) => new ConditionalBatchNorm(formOf(one)));
});

describe.each(Object.entries(backends))('ConditionalBatchNorm on %s', (_, activate) => {
  beforeAll(async () => {
    await activate();
  });

  test.each(Object.entries(goldenBatchNorms))(
    'moves its statistics as TensorFlow.js does, and uses them at inference, in %s',
    (_case, one) => {
      const layer = withGoldenWeights(new ConditionalBatchNorm(formOf(one)), one);
      tf.tidy(() => {
        for (const x of [one.x, one.second]) {
          layer.apply([tensorOf(x), conditionOf(one)], { training: true });
        }
        const output = layer.apply([tensorOf(one.x), conditionOf(one)]) as tf.Tensor;
        expectClose(weightOf(layer, 'moving_mean').read(), one.movingMean);
        expectClose(weightOf(layer, 'moving_variance').read(), one.movingVariance);
        expectClose(output, one.inference);
      });
      layer.dispose();
    },
  );

  test.each([
    ['rows', [6, 3]],
    ['images', [2, 4, 4, 3]],
  ])('of one class is plain batch norm on %s, bit-for-bit', (_case, shape) => {
    const settings = { momentum: 0.8, epsilon: 1e-3 };
    const layer = new ConditionalBatchNorm({ classes: 1, ...settings });
    const plain = tf.layers.batchNormalization(settings);
    tf.tidy(() => {
      const x = tf.randomNormal(shape, 1, 3, 'float32', 1);
      const labels = tf.zeros([shape[0]!], 'int32');
      for (const training of [true, true, false]) {
        const output = layer.apply([x, labels], { training }) as tf.Tensor;
        expect(output.dataSync()).toEqual((plain.apply(x, { training }) as tf.Tensor).dataSync());
      }
      for (const name of ['moving_mean', 'moving_variance']) {
        const wanted = weightOf(plain, name).read().dataSync();
        expect(weightOf(layer, name).read().dataSync()).toEqual(wanted);
      }
    });
    layer.dispose();
    plain.dispose();
  });

  test('gives each sample of a batch the scale and offset of its own class', () => {
    const layer = new ConditionalBatchNorm({ classes: 3 });
    tf.tidy(() => {
      const x = tf.randomNormal([4, 2, 2, 1], 0, 1, 'float32', 1);
      const labels = tf.tensor1d([2, 0, 2, 1], 'int32');
      const plain = layer.apply([x, labels], { training: true }) as tf.Tensor;
      weightOf(layer, 'gamma').write(tf.tensor2d([[10], [20], [30]]));
      weightOf(layer, 'beta').write(tf.tensor2d([[1], [2], [3]]));
      const output = layer.apply([x, labels], { training: true }) as tf.Tensor;
      const wanted = tf.add(
        tf.mul(plain, tf.tensor4d([30, 10, 30, 20], [4, 1, 1, 1])),
        tf.tensor4d([3, 1, 3, 2], [4, 1, 1, 1]),
      );
      expect(output.dataSync()).toEqual(wanted.dataSync());
    });
    layer.dispose();
  });

  test('takes labels of the shape [batch, 1], and of real numbers', () => {
    const layer = new ConditionalBatchNorm({ classes: 3 });
    tf.tidy(() => {
      const x = tf.randomNormal([3, 2], 0, 1, 'float32', 1);
      layer.apply([x, tf.tensor1d([0, 0, 0], 'int32')]);
      weightOf(layer, 'gamma').write(tf.randomNormal([3, 2]));
      const outputs = [
        tf.tensor1d([2, 0, 1], 'int32'),
        tf.tensor2d([2, 0, 1], [3, 1], 'int32'),
        tf.tensor1d([2, 0, 1]),
      ].map((labels) => (layer.apply([x, labels]) as tf.Tensor).dataSync());
      expect(outputs[1]).toEqual(outputs[0]);
      expect(outputs[2]).toEqual(outputs[0]);
    });
    layer.dispose();
  });

  test('refuses a label of no class', () => {
    const layer = new ConditionalBatchNorm({ classes: 3 });
    tf.tidy(() => {
      const x = tf.zeros([1, 2]);
      layer.apply([x, tf.tensor1d([2], 'int32')]);
      expect(() => layer.apply([x, tf.tensor1d([3], 'int32')])).toThrow('3 is not in [0, 2]');
    });
    layer.dispose();
  });

  test('leaves no tensors behind', () => {
    const layer = new ConditionalBatchNorm({ classes: 3 });
    const x = tf.randomNormal([4, 2]);
    const labels = tf.tensor1d([0, 1, 2, 2], 'int32');
    tf.dispose(layer.apply([x, labels]) as tf.Tensor);
    const before = tf.memory().numTensors;
    tf.dispose(layer.apply([x, labels], { training: true }) as tf.Tensor);
    tf.dispose(layer.apply([x, labels]) as tf.Tensor);
    const { value, grads } = tf.variableGrads(() =>
      tf.sum(layer.apply([x, labels], { training: true }) as tf.Tensor).asScalar(),
    );
    expect(Object.keys(grads)).toHaveLength(2);
    tf.dispose([value, grads]);
    expect(tf.memory().numTensors).toBe(before);
    layer.dispose();
    tf.dispose([x, labels]);
    // Two tables and two statistics are gone as well.
    expect(tf.memory().numTensors).toBe(before - 6);
  });
});

test('ConditionalBatchNorm normalizes a training batch by the one kernel that wasm-train has', async () => {
  await backends['wasm-train']!();
  const layer = new ConditionalBatchNorm({ classes: 3 });
  const [x, labels] = [tf.randomNormal([3, 2]), tf.zeros([3], 'int32')];
  const { kernelNames } = await tf.profile(
    () => layer.apply([x, labels], { training: true }) as tf.Tensor,
  );
  expect(kernelNames).toContain(batchNormTraining);
  expect(kernelNames).not.toContain(tf.FusedBatchNorm);
  layer.dispose();
  tf.dispose([x, labels]);
});

describe('ConditionalBatchNorm in a model', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  beforeEach(() => {
    vi.spyOn(console, 'warn');
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('has statistics that are not trained, and that a pass can leave as they are', () => {
    const model = bigGanBlock();
    const weights = modelWeights(model);
    expect(weights.map(({ key, trainable }) => `${key} ${trainable ? 'trained' : 'held'}`)).toEqual(
      [
        ...['1.dense/kernel trained', '1.dense/bias trained'],
        ...['2.conditionalBatchNorm/gamma_kernel trained'],
        ...['2.conditionalBatchNorm/beta_kernel trained'],
        ...['2.conditionalBatchNorm/moving_mean held'],
        ...['2.conditionalBatchNorm/moving_variance held'],
        ...['4.dense/kernel trained', '4.dense/bias trained'],
      ],
    );
    tf.tidy(() => {
      const statistics = weights.filter(({ trainable }) => !trainable);
      const read = (): number[][] => statistics.map((weight) => [...weight.read().dataSync()]);
      const run = (): unknown => model.apply(tf.randomNormal([8, 4]), { training: true });
      const before = read();
      withStatisticsHeld(weights, run);
      expect(read()).toEqual(before);
      run();
      expect(read()).not.toEqual(before);
    });
    model.dispose();
  });

  test('knows the shape of its output, whatever the batch', () => {
    const [images, labels] = [
      tf.input({ shape: [4, 4, 3] }),
      tf.input({ shape: [], dtype: 'int32' }),
    ];
    const layer = new ConditionalBatchNorm({ classes: 10 });
    const output = layer.apply([images, labels]) as tf.SymbolicTensor;
    expect(output.shape).toEqual([null, 4, 4, 3]);
    const vectors = new ConditionalBatchNorm({ conditionSize: 5 });
    const shape = vectors.computeOutputShape([
      [null, 3],
      [null, 5],
    ]);
    expect(shape).toEqual([null, 3]);
  });

  test('is trained, and nothing in it goes unnoticed', async () => {
    const generator = new Generator({ model: bigGanBlock(), ownsModel: true });
    const discriminator = mlpDiscriminator({ sampleShape: [2], hiddenUnits: [8] });
    const trainer = new Trainer({ generator, discriminator, seed: 1 });
    const weights = (): number[][] =>
      generator.model.weights.map((weight) => [...weight.read().dataSync()]);
    const before = weights();
    await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 16 });
    weights().forEach((values, i) => {
      expect(values, generator.model.weights[i]!.originalName).not.toEqual(before[i]);
    });
    expect(console.warn).not.toHaveBeenCalled();
    for (const part of [trainer, generator, discriminator]) part.dispose();
  });

  test('is named by checkGradientPenalty, as it mixes the samples of a batch', async () => {
    const points = tf.input({ shape: [3] });
    const normalized = new ConditionalBatchNorm({ conditionSize: 3, name: 'mixing' });
    const hidden = tf.layers.dense({ units: 5, activation: 'softplus' }).apply(points);
    const outputs = tf.layers
      .dense({ units: 1 })
      .apply(normalized.apply([hidden as tf.SymbolicTensor, points]));
    const model = tf.model({ inputs: points, outputs: outputs as tf.SymbolicTensor });
    const report = await checkGradientPenalty(new Discriminator({ model }), { batchSize: 8 });
    expect(report).toMatchObject({ ok: true, layers: [], mixesSamples: ['mixing'] });
    model.dispose();
  });

  test('is made again from its config', () => {
    const options = { momentum: 0.5, epsilon: 1e-3, name: 'again', trainable: false };
    for (const form of [{ classes: 10 }, { conditionSize: 3, seed: 7 }]) {
      const layer = new ConditionalBatchNorm({ ...options, ...form });
      const config = layer.getConfig();
      expect(config).toEqual({ ...options, ...form });
      const again = ConditionalBatchNorm.fromConfig(ConditionalBatchNorm, config);
      expect(again.getConfig()).toEqual(config);
    }
    const bare = new ConditionalBatchNorm({ classes: 2, name: 'bare' });
    expect(bare.getConfig()).toEqual({
      classes: 2,
      name: 'bare',
      trainable: true,
      momentum: 0.9,
      epsilon: 2e-5,
    });
  });

  test('has initial kernels by its seed, a different one for scale and offset', () => {
    const kernels = (seed?: number): number[][] => {
      const layer = new ConditionalBatchNorm({ conditionSize: 4, seed });
      layer.build([
        [null, 3],
        [null, 4],
      ]);
      return layer.getWeights(true).map((kernel) => [...kernel.dataSync()]);
    };
    const [gamma, beta] = kernels(0);
    expect(kernels(0)).toEqual([gamma, beta]);
    expect(beta).not.toEqual(gamma);
    expect(kernels(1)).not.toEqual([gamma, beta]);
    expect(kernels()).not.toEqual(kernels());
    // Glorot's bound, √(6 / (4 + 3)).
    expect(Math.max(...[gamma!, beta!].flat().map(Math.abs))).toBeLessThan(0.926);
  });

  test('is saved and loaded, in a program that never made one too', async () => {
    using generator = new Generator({ model: bigGanBlock(), ownsModel: true });
    tf.tidy(() => {
      generator.model.apply(tf.randomNormal([16, 4], 1, 2, 'float32', 1), { training: true });
    });
    const saved = await savedBy((handler) => generator.save(handler));
    delete classNameMap['ConditionalBatchNorm'];
    const before = tf.memory().numTensors;
    const loaded = await Generator.load(tf.io.fromMemory(saved));
    expect(valuesOf(loaded.sample(5, { seed: 1 }))).toEqual(
      valuesOf(generator.sample(5, { seed: 1 })),
    );
    expect(JSON.stringify(loaded.model.toJSON(null, false))).toEqual(
      JSON.stringify(generator.model.toJSON(null, false)),
    );
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves its name to a class of the program, which is loaded by it', async () => {
    class Own extends tf.layers.Layer {
      static className = 'ConditionalBatchNorm';

      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.neg([inputs].flat()[0]!);
      }
    }
    const ours = classNameMap['ConditionalBatchNorm']!;
    tf.serialization.registerClass(Own);
    const model = tf.sequential({ layers: [new Own({ inputShape: [2] })] });
    const generator = new Generator({ model });
    const saved = await savedBy((handler) => generator.save(handler));
    new ConditionalBatchNorm({ classes: 1 });
    const loaded = await Generator.load(tf.io.fromMemory(saved));
    expect(loaded.model.layers[0]).toBeInstanceOf(Own);
    classNameMap['ConditionalBatchNorm'] = ours;
  });

  test('is loaded by TensorFlow.js itself', async () => {
    const model = bigGanBlock();
    const saved = await savedBy((handler) => model.save(handler));
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    tf.tidy(() => {
      const latents = tf.randomNormal([3, 4], 0, 1, 'float32', 1);
      expect((loaded.predict(latents) as tf.Tensor).dataSync()).toEqual(
        (model.predict(latents) as tf.Tensor).dataSync(),
      );
    });
  });
});

describe('ConditionalBatchNorm refuses', () => {
  const create = (options: object) => () => new ConditionalBatchNorm(options);

  test.each([
    [
      'no form',
      {},
      'Cannot create a ConditionalBatchNorm: the condition must be either classes or conditionSize, got neither. ' +
        'Pass classes for class labels, conditionSize for vectors',
    ],
    ['two forms', { classes: 2, conditionSize: 3 }, 'got both'],
    ['no classes', { classes: 0 }, 'classes must be a positive integer, got 0'],
    ['half a class', { classes: 1.5 }, 'classes must be a positive integer, got 1.5'],
    ['no number', { classes: '10' }, "classes must be a positive integer, got '10'"],
    ['an empty vector', { conditionSize: 0 }, 'conditionSize must be a positive integer, got 0'],
    ['a momentum of 1', { classes: 2, momentum: 1 }, 'momentum must be at least 0 and less than 1'],
    ['no epsilon', { classes: 2, epsilon: 0 }, 'epsilon must be a positive number, got 0'],
    ['a bad seed', { classes: 2, seed: -1 }, 'seed must be an integer of at least 0'],
    ['an unknown option', { classes: 2, units: 3 }, 'have only the names classes, condition'],
  ])('%s', (_, options, message) => {
    expect(create(options)).toThrow(message);
  });

  test.each([
    ['one input', [null, 3], 'inputs must be [x, condition], got 1 of them'],
    ['three inputs', [[null, 3], [null], [null]], 'inputs must be [x, condition], got 3 of them'],
    [
      'x of one axis',
      [[null], [null]],
      'Cannot build bn: x must have 2 to 4 axes, the last of a known size, got [null]',
    ],
    ['x of five axes', [[null, 2, 2, 2, 2], [null]], 'got [null, 2, 2, 2, 2]'],
    ['unknown channels', [[null, null], [null]], 'got [null, null]'],
    [
      'shares of another number of classes',
      [
        [null, 3],
        [null, 7],
      ],
      'Cannot build bn: the condition must be class labels of the shape [batch] or [batch, 1], got [null, 7]',
    ],
  ])('%s', (_, shape, message) => {
    const layer = new ConditionalBatchNorm({ classes: 10, name: 'bn' });
    expect(() => {
      layer.build(shape);
    }).toThrow(message);
  });

  test('vectors of another length', () => {
    const layer = new ConditionalBatchNorm({ conditionSize: 4, name: 'bn' });
    expect(() => {
      layer.build([
        [null, 3],
        [null, 5],
      ]);
    }).toThrow(
      'Cannot build bn: the condition must be vectors of the shape [batch, 4], got [null, 5]',
    );
  });

  test('other channels than it was built with, and another number of labels than of samples', () => {
    const layer = new ConditionalBatchNorm({ classes: 10, name: 'bn' });
    tf.tidy(() => {
      const labels = tf.zeros([2], 'int32');
      layer.apply([tf.zeros([2, 3]), labels]);
      expect(() => layer.apply([tf.zeros([2, 4]), labels])).toThrow(
        'Cannot run bn: x must have the 3 channels that the layer was built with, got [2, 4]',
      );
      expect(() => layer.apply([tf.zeros([4, 3]), labels])).toThrow(
        'Cannot run bn: the condition must have one entry for each of 4 samples, got [2]',
      );
    });
    layer.dispose();
  });
});
