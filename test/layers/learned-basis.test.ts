import * as tf from '@tensorflow/tfjs';
import { LearnedBasis } from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { buildModel } from '../../src/models/build-model.ts';
import { savedBy } from './saved-by.ts';

const { classNameMap } = tf.serialization.SerializationMap.getMap();

describe('LearnedBasis', () => {
  test('multiplies each feature with its image', () => {
    tf.tidy(() => {
      const layer = new LearnedBasis({ height: 1, width: 2 });
      layer.build([null, 2]);
      layer.setWeights([tf.tensor3d([1, 2, 3, 4], [1, 2, 2])]);
      const maps = layer.apply(tf.tensor2d([[10, 100], [-1, 0]])) as tf.Tensor; // prettier-ignore
      expect(maps.shape).toEqual([2, 1, 2, 2]);
      expect([...maps.dataSync()]).toEqual([10, 200, 30, 400, -1, 0, -3, 0]);
    });
  });

  test('has normal initial weights by its seed', () => {
    const basis = (seed?: number): number[] => {
      const layer = new LearnedBasis({ height: 20, width: 20, seed });
      layer.build([null, 10]);
      return [...layer.getWeights()[0]!.dataSync()];
    };
    const values = basis(0);
    expect(basis(0)).toEqual(values);
    expect(basis(1)).not.toEqual(values);
    expect(basis()).not.toEqual(basis());
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(variance - 1)).toBeLessThan(0.1);
    // A normal distribution that is not cut off: of 4,000 values some are beyond three deviations.
    expect(Math.max(...values)).toBeGreaterThan(2.8);
  });

  test('is made again from its config, saved and loaded', async () => {
    const options = { height: 3, width: 2, seed: 7, name: 'basis', trainable: false };
    const config = new LearnedBasis(options).getConfig();
    expect(config).toEqual(options);
    expect(LearnedBasis.fromConfig(LearnedBasis, config).getConfig()).toEqual(config);
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [4], units: 5 }),
        new LearnedBasis({ height: 3, width: 2 }),
      ],
    });
    const saved = await savedBy((handler) => model.save(handler));
    delete classNameMap['LearnedBasis'];
    const loaded = await buildModel(saved, "'basis'");
    const latents = tf.randomNormal([2, 4], 0, 1, 'float32', 1);
    const [own, again] = [model, loaded].map((one) => one.predict(latents) as tf.Tensor);
    expect(again!.dataSync()).toEqual(own!.dataSync());
    tf.dispose([latents, own!, again!]);
  });

  test('refuses sides that are none, and maps', () => {
    expect(() => new LearnedBasis({ height: 0, width: 2 })).toThrow(
      'Cannot create a LearnedBasis: height must be a positive integer, got 0',
    );
    expect(() => {
      new LearnedBasis({ height: 2, width: 2, name: 'basis' }).build([null, 2, 2, 3]);
    }).toThrow(
      'Cannot build basis: features must have 2 axes, the last of a known size, got [null, 2, 2, 3]',
    );
  });
});
