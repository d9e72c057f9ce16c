import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { resnetDiscriminator, resnetGenerator, snganDiscriminator } from 'tfjs-gan';
import '../support/on-cpu.ts';

const shapes = (model: tf.LayersModel, kind: string): (number | null)[][] =>
  model.layers
    .filter((layer) => layer.getClassName() === kind)
    .map((layer) => (layer.outputShape as (number | null)[]).slice(1));

describe('resnetGenerator and resnetDiscriminator', () => {
  test("have table 4's sizes for 32×32 images", () => {
    const generator = resnetGenerator({ imageShape: [32, 32, 3], baseFilters: 256 });
    expect(shapes(generator.model, 'Add')).toEqual([
      [8, 8, 256],
      [16, 16, 256],
      [32, 32, 256],
    ]);
    expect(generator.latentSize).toBe(128);
    // Dense, three blocks of two 3×3 and a 1×1, last 3×3; offsets, and a scale and offset for each batch norm.
    const [c, block] = [256, 256 * 256 * (9 + 9 + 1) + 3 * 256 + 4 * 256];
    const last = 2 * c + (c * 9 * 3 + 3);
    expect(trained(generator.model)).toBe(128 * 16 * c + 16 * c + 3 * block + last);
    generator.dispose();

    using discriminator = resnetDiscriminator({ imageShape: [32, 32, 3], baseFilters: 128 });
    expect(shapes(discriminator.model, 'Add')).toEqual([
      [16, 16, 128],
      [8, 8, 128],
      [8, 8, 128],
      [8, 8, 128],
    ]);
    const [d, pair] = [128, 2 * (128 * 128 * 9 + 128)];
    const first = 3 * d * 9 + d + d * d * 9 + d + 3 * d + d;
    expect(trained(discriminator.model)).toBe(first + 3 * pair + d * d + d + d + 1);
  });

  test.each([
    [
      [28, 28, 1],
      [14, 7, 7, 7],
    ],
    [
      [8, 8, 1],
      [4, 4, 4],
    ],
    [
      [64, 64, 3],
      [32, 16, 8, 8, 8],
    ],
    [
      [12, 24, 1],
      [6, 6, 6],
    ],
  ] as const)('halve %o until the sides are at most 8', (imageShape, heights) => {
    using discriminator = resnetDiscriminator({ imageShape, baseFilters: 2 });
    expect(shapes(discriminator.model, 'Add').map(([height]) => height)).toEqual([...heights]);
    using generator = resnetGenerator({ imageShape, baseFilters: 2, latentSize: 4 });
    const images = generator.sample(2, { seed: 1 });
    expect(images.shape).toEqual([2, ...imageShape]);
    const logits = discriminator.logits(images);
    expect(logits.shape).toEqual([2, 1]);
    tf.dispose([images, logits]);
  });

  test('sum over all places', () => {
    using discriminator = resnetDiscriminator({ imageShape: [8, 8, 1], baseFilters: 2 });
    const { layers } = discriminator.model;
    tf.tidy(() => {
      const x = tf.randomNormal([3, 4, 4, 2], 0, 1, 'float32', 1);
      const summed = layers
        .slice(-3, -1)
        .reduce<tf.Tensor>((y, layer) => layer.apply(y) as tf.Tensor, x);
      const miss = tf.sub(summed, tf.sum(x, [1, 2]));
      expect(tf.max(tf.abs(miss)).dataSync()[0]).toBeLessThan(1e-5);
    });
  });

  test('start with the same weights for the same seed, and no two layers alike', () => {
    const read = (seed: number): number[] => {
      const network = resnetDiscriminator({ imageShape: [8, 8, 1], baseFilters: 2, seed });
      const first = network.model.weights.map((weight) => weight.read().dataSync()[0]!);
      network.dispose();
      return first.filter((value) => value !== 0);
    };
    expect(read(1)).toEqual(read(1));
    expect(read(1)).not.toEqual(read(2));
    expect(new Set(read(1)).size).toBe(read(1).length);
  });

  test('refuse what they cannot make', () => {
    expect(() => resnetGenerator({ imageShape: [30, 31, 1] })).toThrow(
      'Cannot create a residual generator: height and width of imageShape must be even',
    );
    expect(() => resnetDiscriminator({ imageShape: [8, 8, 1], baseFilters: 0 })).toThrow(
      'Cannot create a residual discriminator: baseFilters must be a positive integer, got 0',
    );
    expect(() => snganDiscriminator({ imageShape: [8, 8, 1], seed: 0.5 })).toThrow(
      'Cannot create an SNGAN discriminator: seed must be an integer',
    );
  });
});

describe('snganDiscriminator', () => {
  test("has table 3's sizes for 32×32 images", () => {
    using discriminator = snganDiscriminator({ imageShape: [32, 32, 3], baseFilters: 64 });
    expect(shapes(discriminator.model, 'Conv2D')).toEqual([
      [32, 32, 64],
      [16, 16, 64],
      [16, 16, 128],
      [8, 8, 128],
      [8, 8, 256],
      [4, 4, 256],
      [4, 4, 512],
    ]);
  });
});

function trained(model: tf.LayersModel): number {
  return model.trainableWeights.reduce((sum, weight) => sum + weight.read().size, 0);
}
