import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  extractChecked,
  type FeatureExtractor,
} from '../../../src/metrics/features/feature-extractor.ts';
import {
  featureExtractor,
  type FeatureSource,
} from '../../../src/metrics/features/make-extractor.ts';
import { onWasmTrain } from '../golden.ts';

onWasmTrain();

function classifier(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [4, 4, 1], name: 'maps' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: 'relu', name: 'hidden' }),
      tf.layers.dense({ units: 5, name: 'logits' }),
      tf.layers.softmax(),
    ],
  });
}

const name = 'test';

describe('featureExtractor', () => {
  test('takes a layer of a model, its input shape and logits', async () => {
    const model = classifier();
    const extractor = featureExtractor(model, { name, layer: 'hidden', logits: 'logits' });
    expect(extractor).toMatchObject({ name, inputShape: [4, 4, 1], featureSize: 3 });
    const images = tf.randomNormal([6, 4, 4, 1], 0, 1, 'float32', 1);
    const before = tf.memory().numTensors;
    const { features, logits } = extractor.extract(images);
    expect(tf.memory().numTensors).toBe(before + 2);
    expect([features.shape, logits?.shape]).toEqual([[6, 3], [6, 5]]); // prettier-ignore
    const wanted = await (model.predict(images) as tf.Tensor).data();
    const softmax = await tf.softmax(logits!).data();
    softmax.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 6);
    });
  });

  test('flattens maps and takes the output if no layer is named', () => {
    expect(featureExtractor(classifier(), { name, layer: 'maps' }).featureSize).toBe(8);
    expect(featureExtractor(classifier(), { name }).featureSize).toBe(5);
  });

  test('takes a function, and does not hand over the samples themselves', () => {
    const extractor = featureExtractor((samples) => samples, { name, inputShape: [2] });
    const samples = tf.ones([3, 2]);
    extractor.extract(samples).features.dispose();
    expect(samples.isDisposed).toBe(false);
  });

  test('takes a function whose features, or logits, are the samples themselves', () => {
    const samples = tf.ones([3, 2]);
    const twice = (x: tf.Tensor): tf.Tensor => tf.mul(x, 2);
    const sources: FeatureSource[] = [(x) => [x, twice(x)], (x) => [twice(x), x], (x) => [x, x]];
    for (const source of sources) {
      const { features, logits } = featureExtractor(source, { name, inputShape: [2] }).extract(
        samples,
      );
      expect([features.shape, logits?.shape]).toEqual([[3, 2], [3, 2]]); // prettier-ignore
      tf.dispose([features, logits!]);
      expect(samples.isDisposed).toBe(false);
    }
    const images = featureExtractor((x) => x, { name, inputShape: [4, 4, 1] });
    expect(images.featureSize).toBe(16);
  });

  test('takes a graph', async () => {
    const graph = await tf.loadGraphModel(doublingGraph());
    const extractor = featureExtractor(graph, { name, layer: 'twice' });
    expect(extractor).toMatchObject({ inputShape: [2], featureSize: 2 });
    const { features } = extractor.extract(tf.tensor2d([[1, 2]]));
    expect([...(await features.data())]).toEqual([2, 4]);
  });

  test('leaves nothing behind when it is made of a function', () => {
    const before = tf.memory().numTensors;
    featureExtractor((samples) => tf.mul(samples, 2), { name, inputShape: [2] });
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [
      () => featureExtractor(classifier(), { name, layer: 'lost' }),
      "the model must have a layer named 'lost', got ['maps', 'flatten",
    ],
    [
      () => featureExtractor((samples) => samples, { name }),
      'inputShape must be set if the source does not have it, got none. Pass the shape of one sample, such as [28, 28, 1]',
    ],
    [
      () => featureExtractor(3 as unknown as tf.LayersModel, { name }),
      'source must be a tf.LayersModel, a tf.GraphModel or a function, got 3',
    ],
    [
      () => featureExtractor((samples) => samples.sum(), { name, inputShape: [2] }),
      'features must have the shape [batch, features], got []',
    ],
    [
      () => featureExtractor(classifier(), { name, valueRange: [1, 0] }),
      'valueRange must be two finite numbers, the lower first, got [1, 0]',
    ],
  ])('refuses what it cannot use: %#', (make, message) => {
    expect(make).toThrow(`Cannot create a feature extractor: ${message}`);
  });
});

describe('extractChecked', () => {
  const promising = (extract: FeatureExtractor['extract']): FeatureExtractor => ({
    name: 'liar',
    inputShape: [null, 2],
    featureSize: 4,
    extract,
  });

  test('names what does not keep its promise', () => {
    const run = (extractor: FeatureExtractor, samples: tf.Tensor): unknown =>
      extractChecked('evaluate', extractor, samples);
    const wide = promising(() => ({ features: tf.zeros([3, 5]) }));
    expect(() => run(wide, tf.zeros([3, 7, 2]))).toThrow(
      "Cannot evaluate: 'liar' must return features of shape [3, 4], got [3, 5]",
    );
    expect(() => run(wide, tf.zeros([3, 7, 1]))).toThrow(
      "Cannot evaluate: the extractor 'liar' must receive samples of shape [null, 2], got [7, 1]",
    );
    const bare = promising(() => tf.zeros([3, 4]) as unknown as { features: tf.Tensor2D });
    expect(() => run(bare, tf.zeros([3, 7, 2]))).toThrow(
      "Cannot evaluate: extract of 'liar' must return { features, logits? }, got an instance of Tensor",
    );
  });
});

/** A frozen graph that doubles two numbers, as the converter would write it. */
function doublingGraph(): tf.io.IOHandler {
  const float = { type: 'DT_FLOAT' };
  const shape = { shape: { dim: [{ size: '-1' }, { size: '2' }] } };
  const modelTopology = {
    node: [
      { name: 'x', op: 'Placeholder', attr: { dtype: float, shape } },
      { name: 'twice', op: 'AddV2', input: ['x', 'x'], attr: { T: float } },
    ],
    library: {},
    versions: {},
  };
  return tf.io.fromMemory({ modelTopology, weightSpecs: [], weightData: new ArrayBuffer(0) });
}
