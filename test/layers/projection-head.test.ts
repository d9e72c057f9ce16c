import * as tf from '@tensorflow/tfjs';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkGradientPenalty, Discriminator, ProjectionHead, SpectralNorm } from 'tfjs-gan';
import { buildModel } from '../../src/models/build-model.ts';
import { backends, formOf, goldenHeads, matchesPyTorch, weightOf } from './golden-layers.ts';
import { savedBy } from './saved-by.ts';

const { classNameMap } = tf.serialization.SerializationMap.getMap();

/** A critic of points with labels, whose features are of layers that do not mix samples. */
function critic(points: tf.SymbolicTensor, labels: tf.SymbolicTensor): tf.SymbolicTensor {
  const dense = tf.layers.dense({
    units: 6,
    activation: 'relu',
    kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
  });
  const features = tf.layers.layerNormalization().apply(dense.apply(points));
  const head = new ProjectionHead({ classes: 3, seed: 2 });
  return head.apply([features as tf.SymbolicTensor, labels]) as tf.SymbolicTensor;
}

function labelledCritic(): tf.LayersModel {
  const points = tf.input({ shape: [2] });
  const labels = tf.input({ shape: [1], dtype: 'int32' });
  return tf.model({ inputs: [points, labels], outputs: critic(points, labels) });
}

/** Labels 0, 1, 2, 0, 1, …, as a network with one input has no others. */
class CountedLabels extends tf.layers.Layer {
  static className = 'CountedLabels';

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return [(inputShape as tf.Shape)[0]!];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [batch = 0] = [inputs].flat()[0]!.shape;
    return tf.tidy(() => tf.mod(tf.range(0, batch, 1, 'int32'), tf.scalar(3, 'int32')));
  }
}

function largestSingularValue(kernel: tf.Tensor): number {
  const [rows = 0, columns = 0] = kernel.shape;
  const matrix = Matrix.from1DArray(rows, columns, [...kernel.dataSync()]);
  return new SingularValueDecomposition(matrix, { autoTranspose: true }).norm2;
}

describe('ProjectionHead', () => {
  matchesPyTorch(goldenHeads, (one) => new ProjectionHead(formOf(one)));
});

describe.each(Object.entries(backends))('ProjectionHead on %s', (_, activate) => {
  beforeAll(async () => {
    await activate();
  });

  test('scores by kernel and bias alone if a class has the zero vector', () => {
    const head = new ProjectionHead({ classes: 2 });
    tf.tidy(() => {
      const features = tf.tensor2d([
        [1, 2],
        [3, 4],
      ]);
      head.apply([features, tf.zeros([2], 'int32')]);
      weightOf(head, 'kernel').write(tf.tensor2d([[10], [1]]));
      weightOf(head, 'bias').write(tf.tensor1d([0.5]));
      weightOf(head, 'embeddings').write(
        tf.tensor2d([
          [0, 0],
          [100, 1000],
        ]),
      );
      const logits = head.apply([features, tf.tensor2d([0, 1], [2, 1], 'int32')]) as tf.Tensor;
      expect(logits.arraySync()).toEqual([[12.5], [34.5 + 4300]]);
    });
    head.dispose();
  });

  test('is safe in a critic under a gradient penalty, as checkGradientPenalty finds', async () => {
    const points = tf.input({ shape: [2] });
    const labels = new CountedLabels({}).apply(points) as tf.SymbolicTensor;
    const model = tf.model({ inputs: points, outputs: critic(points, labels) });
    const report = await checkGradientPenalty(new Discriminator({ model }));
    expect(report).toMatchObject({ ok: true, layers: [], mixesSamples: [] });
    expect(report.relativeError).toBeLessThan(1e-3);
    model.dispose();
  });

  test('leaves no tensors behind', () => {
    const head = new ProjectionHead({ conditionSize: 2 });
    const inputs = [tf.randomNormal([3, 2, 2, 4]), tf.randomNormal([3, 2])];
    tf.dispose(head.apply(inputs) as tf.Tensor);
    const before = tf.memory().numTensors;
    const { value, grads } = tf.variableGrads(() => tf.sum(head.apply(inputs) as tf.Tensor));
    expect(Object.keys(grads)).toHaveLength(3);
    tf.dispose([value, grads]);
    expect(tf.memory().numTensors).toBe(before);
    head.dispose();
    tf.dispose(inputs);
    expect(tf.memory().numTensors).toBe(before - 5);
  });
});

describe('ProjectionHead in a model', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each([
    ['embeddings', { classes: 5 }, [5, 4]],
    ['condition_kernel', { conditionSize: 3 }, [3, 4]],
  ])('has its kernel and its %s each under SpectralNorm', (name, form, shape) => {
    const features = tf.input({ shape: [4] });
    const condition = tf.input({ shape: 'classes' in form ? [] : [3] });
    const head = new ProjectionHead({ ...form, seed: 1 });
    const outputs = head.apply([features, condition]) as tf.SymbolicTensor;
    const model = tf.model({ inputs: [features, condition], outputs });
    expect(weightOf(head, name).shape).toEqual(shape);
    const wanted = ['kernel', name].map((weight) =>
      largestSingularValue(weightOf(head, weight).read()),
    );

    const live = new SpectralNorm().bind(model, 'discriminator', 1);
    const metrics = tf.tidy(() =>
      Object.entries(live.observe!()).map(([key, sigma]) => [key, sigma.dataSync()[0]!]),
    );
    expect(metrics).toEqual([
      ['2.projectionHead/kernel', expect.closeTo(wanted[0]!, 4)],
      [`2.projectionHead/${name}`, expect.closeTo(wanted[1]!, 4)],
    ]);
    live.dispose();
    model.dispose();
  });

  test('knows the shape of its output, whatever the batch', () => {
    const [maps, labels] = [tf.input({ shape: [4, 4, 3] }), tf.input({ shape: [] })];
    const output = new ProjectionHead({ classes: 10 }).apply([maps, labels]) as tf.SymbolicTensor;
    expect(output.shape).toEqual([null, 1]);
  });

  test('is made again from its config', () => {
    for (const form of [{ classes: 10 }, { conditionSize: 3, seed: 7 }]) {
      const config = new ProjectionHead({ ...form, name: 'head', trainable: false }).getConfig();
      expect(config).toEqual({ ...form, name: 'head', trainable: false });
      expect(ProjectionHead.fromConfig(ProjectionHead, config).getConfig()).toEqual(config);
    }
  });

  test('has initial weights by its seed', () => {
    const weights = (seed?: number): number[][] => {
      const head = new ProjectionHead({ classes: 4, seed });
      head.build([[null, 4], [null]]);
      return head.getWeights().map((weight) => [...weight.dataSync()]);
    };
    const [kernel, bias, embeddings] = weights(0);
    expect(weights(0)).toEqual([kernel, bias, embeddings]);
    expect(bias).toEqual([0]);
    expect(embeddings!.slice(0, 4)).not.toEqual(kernel);
    expect(weights(1)).not.toEqual(weights(0));
    expect(weights()).not.toEqual(weights());
  });

  test('is saved and loaded, in a program that never made one too', async () => {
    const model = labelledCritic();
    const saved = await savedBy((handler) => model.save(handler));
    delete classNameMap['ProjectionHead'];
    const loaded = [
      await buildModel(saved, "'critic'"),
      await tf.loadLayersModel(tf.io.fromMemory(saved)),
      await tf.models.modelFromJSON({ modelTopology: saved.modelTopology } as never),
    ];
    tf.tidy(() => {
      loaded[2]!.setWeights(model.getWeights());
      const inputs = [
        tf.randomNormal([3, 2], 0, 1, 'float32', 1),
        // predict makes [batch, 1] of them.
        tf.tensor1d([2, 0, 1], 'int32'),
      ];
      const logits = (network: tf.LayersModel): unknown =>
        (network.predict(inputs) as tf.Tensor).arraySync();
      for (const one of loaded) expect(logits(one)).toEqual(logits(model));
    });
    for (const one of [model, ...loaded]) one.dispose();
  });
});

describe('ProjectionHead refuses', () => {
  test.each([
    [
      'no form',
      {},
      'Cannot create a ProjectionHead: the condition must be either classes or conditionSize, got neither. ' +
        'Pass classes for class labels, conditionSize for vectors',
    ],
    ['two forms', { classes: 2, conditionSize: 3 }, 'got both'],
    ['no classes', { classes: 0 }, 'classes must be a positive integer, got 0'],
    ['a bad seed', { classes: 2, seed: 0.5 }, 'seed must be an integer of at least 0'],
    ['an unknown option', { classes: 2, units: 3 }, 'have only the names classes, condition'],
  ])('%s', (_, options, message) => {
    expect(
      () => new ProjectionHead(options as ConstructorParameters<typeof ProjectionHead>[0]),
    ).toThrow(message);
  });

  test.each([
    ['one input', [null, 3], 'inputs must be [features, condition], got 1 of them'],
    ['features of one axis', [[null], [null]], 'features must have 2 to 5 axes, the last of a'],
    [
      'shares of another number of classes',
      [
        [null, 3],
        [null, 7],
      ],
      'labels of the shape [batch] or [batch, 1], got',
    ],
  ])('%s', (_, shape, message) => {
    const head = new ProjectionHead({ classes: 10 });
    expect(() => {
      head.build(shape);
    }).toThrow(message);
  });

  test('other features than it was built with, and another number of labels than of samples', () => {
    const head = new ProjectionHead({ classes: 10, name: 'head' });
    tf.tidy(() => {
      const labels = tf.zeros([2], 'int32');
      head.apply([tf.zeros([2, 3]), labels]);
      expect(() => head.apply([tf.zeros([2, 4]), labels])).toThrow(
        'Cannot run head: features must have the last size 3 that the layer was built with, got [2, 4]',
      );
      expect(() => head.apply([tf.zeros([4, 3]), labels])).toThrow(
        'Cannot run head: the condition must have one entry for each of 4 samples, got [2]',
      );
    });
    head.dispose();
  });
});
