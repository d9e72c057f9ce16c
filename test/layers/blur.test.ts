import * as tf from '@tensorflow/tfjs';
import { Blur } from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { buildModel } from '../../src/models/build-model.ts';
import { savedBy } from './saved-by.ts';

const { classNameMap } = tf.serialization.SerializationMap.getMap();

describe('Blur', () => {
  test('weights a pixel and its neighbors by [1, 2, 1] / 4 along both sides, with zeros outside', () => {
    tf.tidy(() => {
      // A single 16 in the corner of the first channel, one in the middle of the second.
      const values = tf.tensor4d([16, 0, 0, 0, 0, 0, 0, 0, 0], [1, 3, 3, 1]);
      const middle = tf.tensor4d([0, 0, 0, 0, 16, 0, 0, 0, 0], [1, 3, 3, 1]);
      const blurred = new Blur().apply(tf.concat([values, middle], 3)) as tf.Tensor;
      const [first, second] = tf.unstack(blurred, 3);
      expect([...first!.dataSync()]).toEqual([4, 2, 0, 2, 1, 0, 0, 0, 0]);
      expect([...second!.dataSync()]).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
    });
  });

  test('keeps the shape, and has no weights', () => {
    const layer = new Blur({ name: 'soft' });
    expect(layer.computeOutputShape([null, 28, 14, 3])).toEqual([null, 28, 14, 3]);
    expect(layer.weights).toEqual([]);
    expect(layer.getConfig()['name']).toBe('soft');
  });

  test('is saved and loaded, in a program that never made one too', async () => {
    const model = tf.sequential({
      layers: [tf.layers.inputLayer({ inputShape: [4, 4, 2] }), new Blur()],
    });
    const saved = await savedBy((handler) => model.save(handler));
    delete classNameMap['Blur'];
    const loaded = await buildModel(saved, "'blur'");
    const images = tf.randomNormal([2, 4, 4, 2], 0, 1, 'float32', 1);
    const [own, again] = [model, loaded].map((one) => one.predict(images) as tf.Tensor);
    expect(again!.dataSync()).toEqual(own!.dataSync());
    tf.dispose([images, own!, again!]);
  });

  test('refuses what is no image, and unknown options', () => {
    expect(() => new Blur({ name: 'soft' }).computeOutputShape([null, 4])).toThrow(
      'Cannot apply soft: the input must be feature maps of the shape [batch, height, width, channels], got [null, 4]',
    );
    expect(() => new Blur({ size: 3 } as object)).toThrow(
      "options must have only the names name, trainable, got 'size'",
    );
  });
});
