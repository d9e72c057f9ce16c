import * as tf from '@tensorflow/tfjs';
import { Discriminator, mlpGenerator, ring8, Trainer } from 'tfjs-gan';
import { exportOnnx } from 'tfjs-gan/export';
import { MinibatchDiscrimination } from 'tfjs-gan/layers';
import { describe, expect, test } from 'vitest';
import '../support/on-cpu.ts';
import { savedBy } from './saved-by.ts';

function critic(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [2], units: 3, activation: 'tanh' }),
      new MinibatchDiscrimination({ kernels: 2, dimensions: 3, seed: 1 }),
      tf.layers.dense({ units: 1 }),
    ],
  });
}

describe('MinibatchDiscrimination', () => {
  test('adds the closeness to the other samples, as loops compute it', () => {
    const [batch, features, kernels, dimensions] = [4, 3, 2, 5] as const;
    tf.tidy(() => {
      const layer = new MinibatchDiscrimination({ kernels, dimensions });
      layer.build([null, features]);
      const kernel = tf.randomNormal([features, kernels * dimensions], 0, 0.4, 'float32', 1);
      layer.setWeights([kernel]);
      const x = tf.randomNormal([batch, features], 0, 1, 'float32', 2);
      const output = layer.apply(x) as tf.Tensor2D;
      expect(output.shape).toEqual([batch, features + kernels]);
      const rows = output.arraySync();
      const samples = x.arraySync() as number[][];
      const weights = kernel.arraySync() as number[][];
      const projected = samples.map((sample) =>
        Array.from({ length: kernels * dimensions }, (_, column) =>
          sample.reduce((sum, value, i) => sum + value * weights[i]![column]!, 0),
        ),
      );
      rows.forEach((row, i) => {
        expect(row.slice(0, features)).toEqual(samples[i]);
        for (let b = 0; b < kernels; b += 1) {
          let wanted = 0;
          projected.forEach((other, j) => {
            if (j === i) return;
            let distance = 0;
            for (let c = 0; c < dimensions; c += 1) {
              const at = b * dimensions + c;
              distance += Math.abs(projected[i]![at]! - other[at]!);
            }
            wanted += Math.exp(-distance);
          });
          expect(row[features + b]).toBeCloseTo(wanted, 5);
        }
      });
    });
  });

  test('counts equal samples as 1 each, and is 0 for one sample alone', () => {
    tf.tidy(() => {
      const layer = new MinibatchDiscrimination({ kernels: 3, dimensions: 2, seed: 1 });
      const added = (x: tf.Tensor2D): number[] => [
        ...tf.slice(layer.apply(x) as tf.Tensor2D, [0, 2]).dataSync(),
      ];
      expect(added(tf.tensor2d([[5, -2]]))).toEqual([0, 0, 0]);
      expect(added(tf.ones([4, 2]))).toEqual(Array.from({ length: 12 }, () => 3));
    });
  });

  test('has the gradient that central differences have', () => {
    tf.tidy(() => {
      const layer = new MinibatchDiscrimination({ kernels: 2, dimensions: 3 });
      layer.build([null, 2]);
      layer.setWeights([tf.randomNormal([2, 6], 0, 1, 'float32', 3)]);
      const x = tf.randomNormal([3, 2], 0, 1, 'float32', 4);
      const probe = tf.randomNormal([3, 4], 0, 1, 'float32', 5);
      const value = (y: tf.Tensor): tf.Scalar =>
        tf.sum(tf.mul(probe, layer.apply(y) as tf.Tensor)).asScalar();
      const slope = tf.grad(value)(x).dataSync();
      const step = 1e-3;
      for (let i = 0; i < x.size; i += 1) {
        const moved = tf.mul(tf.oneHot(i, x.size).reshape(x.shape).toFloat(), step);
        const [up, down] = [tf.add(x, moved), tf.sub(x, moved)].map((y) => value(y).dataSync()[0]!);
        expect(slope[i]).toBeCloseTo((up! - down!) / (2 * step), 2);
      }
    });
  });

  test('trains in a discriminator, its weight included', async () => {
    const discriminator = new Discriminator({ model: critic(), ownsModel: true });
    const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [4], seed: 1 });
    const kernel = (): number[] => [...discriminator.model.layers[1]!.getWeights()[0]!.dataSync()];
    const before = kernel();
    const trainer = new Trainer({ generator, discriminator, seed: 1 });
    await trainer.fit(ring8({ size: 32 }), { steps: 2, batchSize: 8 });
    expect(kernel().every(Number.isFinite)).toBe(true);
    expect(kernel()).not.toEqual(before);
    trainer.dispose();
    discriminator.dispose();
    generator.dispose();
  });

  test('is made again from its config, saved and loaded', async () => {
    const options = { kernels: 4, dimensions: 2, seed: 3, name: 'closeness', trainable: false };
    const config = new MinibatchDiscrimination(options).getConfig();
    expect(config).toEqual(options);
    const model = critic();
    const saved = await savedBy((handler) => model.save(handler));
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const points = tf.randomNormal([4, 2], 0, 1, 'float32', 1);
    const [own, again] = [model, loaded].map((one) => one.predict(points) as tf.Tensor);
    expect(again!.dataSync()).toEqual(own!.dataSync());
  });

  test('refuses sizes that are none, unknown options, images, and to be exported', async () => {
    expect(() => new MinibatchDiscrimination({ kernels: 0 })).toThrow(
      'Cannot create a MinibatchDiscrimination: kernels must be a positive integer, got 0',
    );
    expect(() => new MinibatchDiscrimination({ dimensions: 1.5 })).toThrow('got 1.5');
    expect(() => new MinibatchDiscrimination({ units: 4 } as object)).toThrow("got 'units'");
    expect(() => {
      new MinibatchDiscrimination({ name: 'closeness' }).build([null, 2, 2, 3]);
    }).toThrow('Cannot build closeness: features must have 2 axes');
    const discriminator = new Discriminator({ model: critic(), ownsModel: true });
    await expect(exportOnnx(discriminator)).rejects.toThrow('got MinibatchDiscrimination');
    discriminator.dispose();
  });
});
