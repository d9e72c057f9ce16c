import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { samplesOf } from '../../src/data/samples-of.ts';
import { unpaired } from '../../src/data/unpaired.ts';
import { realFeatures } from '../../src/metrics/features/collect-features.ts';
import { featureExtractor } from '../../src/metrics/features/make-extractor.ts';
import { counted } from './joins.ts';

test('keeps the samples, under however many names, and disposes the rest', () => {
  const [samples, source, labels] = [tf.zeros([2, 1]), tf.zeros([2, 3]), tf.zeros([2])];
  expect(samplesOf({ samples, source, labels: labels.as1D(), first: samples })).toBe(samples);
  expect([samples.isDisposed, source.isDisposed]).toEqual([false, true]);
  tf.dispose([samples, labels]);
});

test('metrics of joined sets judge the first and leave nothing of the others behind', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 1, inputShape: [1], useBias: false, kernelInitializer: 'ones' }),
    ],
  });
  const extractor = featureExtractor(model, { name: 'itself' });
  const sets = unpaired({ a: counted(7), b: counted(7, 100) });
  const before = tf.memory().numTensors;
  const { features } = await realFeatures('judge', sets, extractor, 7, 0);
  expect([...features.dataSync()]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(tf.memory().numTensors).toBe(before + 1);
  features.dispose();
  model.dispose();
});
