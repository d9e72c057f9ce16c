import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { ConditionalBatchNorm, OneHot, ProjectionHead } from 'tfjs-gan';
import { buildModel } from '../../src/models/build-model.ts';
import { Condition } from '../../src/layers/condition.ts';
import { savedBy } from './saved-by.ts';
import '../support/on-cpu.ts';

const rowsOf = (layer: tf.layers.Layer, labels: tf.Tensor): number[][] =>
  tf.tidy(() => (layer.apply(labels) as tf.Tensor).arraySync() as number[][]);

describe('OneHot', () => {
  test.each([
    ['[batch]', () => tf.tensor1d([2, 0, 2], 'int32')],
    ['[batch, 1]', () => tf.tensor2d([[2], [0], [2]], undefined, 'int32')],
    ['whole numbers of another type', () => tf.tensor1d([2, 0, 2])],
  ])('returns a row of zeros and a one for labels %s', (_, labels) => {
    const layer = new OneHot({ classes: 3 });
    const before = tf.memory().numTensors;
    expect(tf.tidy(() => rowsOf(layer, labels()))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect(tf.memory().numTensors).toBe(before);
    expect(layer.weights).toEqual([]);
  });

  test('lets a share of each class pass as it is', () => {
    const shares = [
      [0.25, 0.75, 0],
      [0, 0.5, 0.5],
    ];
    tf.tidy(() => {
      expect(rowsOf(new OneHot({ classes: 3 }), tf.tensor2d(shares))).toEqual(shares);
    });
  });

  test('of one class takes a column as labels, not as shares', () => {
    tf.tidy(() => {
      const labels = tf.tensor2d([[0], [0]], undefined, 'int32');
      expect(rowsOf(new OneHot({ classes: 1 }), labels)).toEqual([[1], [1]]);
    });
  });

  test('can be made again of its config, under its own name', () => {
    const layer = new OneHot({ classes: 7, name: 'digits' });
    const again = OneHot.fromConfig(OneHot, layer.getConfig()) as unknown as OneHot;
    expect(again).toBeInstanceOf(OneHot);
    expect(again.getConfig()).toEqual(layer.getConfig());
    expect(again.getConfig()).toMatchObject({ classes: 7, name: 'digits' });
    expect(again.computeOutputShape([null, 1])).toEqual([null, 7]);
    expect(again.computeOutputShape([5])).toEqual([5, 7]);
  });

  test('is in a saved model what it was', async () => {
    const labels = tf.input({ shape: [1], dtype: 'int32' });
    const rows = new OneHot({ classes: 4 }).apply(labels) as tf.SymbolicTensor;
    const model = tf.model({ inputs: labels, outputs: rows });
    const saved = await savedBy((handler) => model.save(handler));
    const loaded = await buildModel(saved, 'a model');
    tf.tidy(() => {
      const output = loaded.predict(tf.tensor1d([3, 1], 'int32')) as tf.Tensor;
      expect(output.arraySync()).toEqual([
        [0, 0, 0, 1],
        [0, 1, 0, 0],
      ]);
    });
  });

  test('refuses other shapes, unknown classes and settings', () => {
    const layer = new OneHot({ classes: 3, name: 'one_hot_refuses' });
    expect(() => layer.apply(tf.input({ shape: [2] }))).toThrow(
      'Cannot apply one_hot_refuses: the condition must be class labels of the shape [batch] or [batch, 1], got [null, 2]',
    );
    expect(() => rowsOf(layer, tf.zeros([2, 2]))).toThrow(
      'Cannot run one_hot_refuses: the condition must be class labels of the shape [batch] or [batch, 1], got [2, 2]',
    );
    expect(() => rowsOf(layer, tf.tensor1d([3], 'int32'))).toThrow();
    expect(() => new OneHot({ classes: 0 })).toThrow(
      'Cannot create a OneHot: classes must be a positive integer, got 0',
    );
    expect(() => new OneHot({ clases: 3 } as never)).toThrow(
      "Cannot create a OneHot: options must have only the names classes, name, trainable, got 'clases'",
    );
  });
});

describe('a share of each class', () => {
  test('selects the mixture of the rows of a matrix', () => {
    const condition = new Condition('test', { classes: 3 });
    tf.tidy(() => {
      const matrix = tf.tensor2d([
        [1, 10],
        [2, 20],
        [4, 40],
      ]);
      const shares = tf.tensor2d([
        [0.5, 0.5, 0],
        [0, 0, 1],
        [0.25, 0.25, 0.5],
      ]);
      expect(condition.select(matrix, shares).arraySync()).toEqual([
        [1.5, 15],
        [4, 40],
        [2.75, 27.5],
      ]);
      // A whole class is the same as its label.
      const labels = tf.tensor1d([2], 'int32');
      expect(condition.select(matrix, labels).arraySync()).toEqual([[4, 40]]);
    });
  });

  test.each([
    ['ConditionalBatchNorm', () => new ConditionalBatchNorm({ classes: 2 })],
    ['ProjectionHead', () => new ProjectionHead({ classes: 2, seed: 1 })],
  ])('returns for %s the same mixture of its outputs for whole classes', (_, make) => {
    const layer = make();
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, -2, 3],
        [0.5, 4, -1],
      ]);
      layer.apply([x, tf.tensor1d([0, 0], 'int32')]);
      layer.setWeights(
        layer.weights.map((weight, i) =>
          tf.add(
            weight.read(),
            tf
              .mul(tf.sin(tf.add(tf.range(0, weight.read().size), i)), 0.3)
              .reshape(weight.shape as number[]),
          ),
        ),
      );
      const of = (condition: tf.Tensor): tf.Tensor => layer.apply([x, condition]) as tf.Tensor;
      const [zeros, ones] = [of(tf.tensor1d([0, 0], 'int32')), of(tf.tensor1d([1, 1], 'int32'))];
      const mixed = of(
        tf.tensor2d([
          [0.75, 0.25],
          [0.75, 0.25],
        ]),
      );
      const wanted = tf.add(tf.mul(zeros, 0.75), tf.mul(ones, 0.25)).dataSync();
      mixed.dataSync().forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));
      expect([...zeros.dataSync()]).not.toEqual([...ones.dataSync()]);
    });
    layer.dispose();
  });
});
