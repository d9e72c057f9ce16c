import * as tf from '@tensorflow/tfjs';
import { checkGradientPenalty, Discriminator } from 'tfjs-gan';
import { FourierFeatures } from 'tfjs-gan/layers';
import { describe, expect, test } from 'vitest';
import { modelWeights } from '../../src/models/model-weights.ts';
import '../support/on-cpu.ts';
import { savedBy } from './saved-by.ts';

/** A critic of points with the layer before a dense one. */
function critic(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [2] }),
      new FourierFeatures({ count: 3, spread: 2, seed: 1 }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.heNormal({ seed: 2 }) }),
    ],
  });
}

describe('FourierFeatures', () => {
  test('is the input, and sines and cosines of it along the frequencies', () => {
    tf.tidy(() => {
      const layer = new FourierFeatures({ count: 2, spread: 1 });
      layer.build([null, 2]);
      layer.setWeights([tf.tensor2d([[1, 2], [0, -1]])]); // prettier-ignore
      const output = layer.apply(tf.tensor2d([[0.5, 3]])) as tf.Tensor;
      const wanted = [0.5, 3, Math.sin(0.5), Math.sin(-2), Math.cos(0.5), Math.cos(-2)];
      expect(output.shape).toEqual([1, 6]);
      [...output.dataSync()].forEach((value, i) => {
        expect(value).toBeCloseTo(wanted[i]!, 6);
      });
    });
  });

  test('has normal frequencies of its spread by its seed', () => {
    const frequencies = (seed?: number): number[] => {
      const layer = new FourierFeatures({ count: 1000, spread: 3, seed });
      layer.build([null, 4]);
      const values = [...layer.getWeights()[0]!.dataSync()];
      return values;
    };
    const values = frequencies(0);
    expect(frequencies(0)).toEqual(values);
    expect(frequencies(1)).not.toEqual(values);
    expect(frequencies()).not.toEqual(frequencies());
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(variance / 9 - 1)).toBeLessThan(0.1);
  });

  test('is not trained, and has the right gradient of a gradient penalty', async () => {
    const discriminator = new Discriminator({ model: critic(), ownsModel: true });
    const trained = modelWeights(discriminator.model).filter(({ trainable }) => trainable);
    expect(trained.map(({ role }) => role)).toEqual(['kernel', 'bias']);
    expect(await checkGradientPenalty(discriminator)).toMatchObject({ ok: true, mixesSamples: [] });
    discriminator.dispose();
  });

  test('is made again from its config, saved and loaded with its frequencies', async () => {
    const options = { count: 3, spread: 2, seed: 7, name: 'waves' };
    const config = new FourierFeatures(options).getConfig();
    expect(config).toMatchObject(options);
    expect(FourierFeatures.fromConfig(FourierFeatures, config).getConfig()).toEqual(config);
    const model = critic();
    model.layers.at(-2).setWeights([tf.tensor2d([[1, 2, 3], [4, 5, 6]])]); // prettier-ignore
    const saved = await savedBy((handler) => model.save(handler));
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const points = tf.randomNormal([4, 2], 0, 1, 'float32', 1);
    const [own, again] = [model, loaded].map((one) => one.predict(points) as tf.Tensor);
    expect(again!.dataSync()).toEqual(own!.dataSync());
  });

  test('refuses counts and spreads that are none, unknown options, and images', () => {
    expect(() => new FourierFeatures({ count: 0, spread: 1 })).toThrow(
      'Cannot create a FourierFeatures: count must be a positive integer, got 0',
    );
    expect(() => new FourierFeatures({ count: 1, spread: 0 })).toThrow(
      'Cannot create a FourierFeatures: spread must be a positive number, got 0',
    );
    expect(() => new FourierFeatures({ count: 1, spread: 1, sigma: 2 } as never)).toThrow(
      "got 'sigma'",
    );
    expect(() => {
      new FourierFeatures({ count: 1, spread: 1, name: 'waves' }).build([null, 2, 2, 3]);
    }).toThrow('Cannot build waves: features must have 2 axes');
  });
});
