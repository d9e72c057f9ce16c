import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  dcganDiscriminator,
  dcganGenerator,
  Discriminator,
  type ImageShape,
  mlpDiscriminator,
  mlpGenerator,
} from 'tfjs-gan';
import '../support/on-cpu.ts';

const shapes = (model: tf.LayersModel, kind: string): (number | null)[][] =>
  model.layers
    .filter((layer) => layer.getClassName() === kind)
    .map((layer) => (layer.outputShape as (number | null)[]).slice(1));

describe('dcganGenerator and dcganDiscriminator', () => {
  test("have the tutorial's sizes at 64 base filters", () => {
    using generator = dcganGenerator({ imageShape: [28, 28, 1], baseFilters: 64 });
    using discriminator = dcganDiscriminator({ imageShape: [28, 28, 1], baseFilters: 64 });
    expect(shapes(generator.model, 'Dense')).toEqual([[7 * 7 * 128]]);
    expect(shapes(generator.model, 'Conv2DTranspose')).toEqual([
      [14, 14, 128],
      [28, 28, 64],
      [28, 28, 1],
    ]);
    expect(shapes(discriminator.model, 'Conv2D')).toEqual([
      [14, 14, 64],
      [7, 7, 128],
    ]);
    expect(generator.latentSize).toBe(100);
  });

  test.each<[ImageShape, number, number]>([
    [[28, 28, 1], 2, 7],
    [[32, 32, 3], 3, 4],
    [[64, 64, 3], 4, 4],
    [[96, 96, 3], 4, 6],
    [[8, 8, 1], 1, 4],
    [[10, 12, 1], 1, 5],
    [[16, 64, 1], 2, 4],
  ])('fit each other at %o in %d stages from a side of %d', (imageShape, stages, start) => {
    using generator = dcganGenerator({ imageShape, baseFilters: 1 });
    using discriminator = dcganDiscriminator({ imageShape, baseFilters: 1 });
    expect(generator.outputShape).toEqual(imageShape);
    expect(discriminator.inputShape).toEqual(imageShape);
    expect(shapes(discriminator.model, 'Conv2D')).toHaveLength(stages);
    expect(shapes(generator.model, 'Reshape')[0]?.[0]).toBe(start);
    tf.tidy(() => {
      expect(discriminator.logits(generator.sample(2)).shape).toEqual([2, 1]);
    });
  });

  test('start as in the paper: N(0, 0.02) weights, batch norm in all layers but the outermost', () => {
    using generator = dcganGenerator({ imageShape: [28, 28, 1] });
    using discriminator = dcganDiscriminator({ imageShape: [28, 28, 1] });
    for (const { model } of [generator, discriminator]) {
      const values = model.layers.flatMap((layer) => [
        ...(layer.getClassName().startsWith('Conv')
          ? (layer.getWeights()[0]?.dataSync() ?? [])
          : []),
      ]);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
      expect(Math.abs(mean)).toBeLessThan(1e-3);
      expect(Math.abs(deviation - 0.02)).toBeLessThan(5e-4);
    }
    const kinds = (model: tf.LayersModel): string =>
      model.layers.map((layer) => layer.getClassName()).join(' ');
    expect(kinds(generator.model)).toBe(
      'Dense Reshape BatchNormalization ReLU Conv2DTranspose BatchNormalization ReLU ' +
        'Conv2DTranspose BatchNormalization ReLU Conv2DTranspose',
    );
    expect(kinds(discriminator.model)).toBe(
      'Conv2D LeakyReLU Conv2D BatchNormalization LeakyReLU Flatten Dense',
    );
  });

  test.each([
    ['batch', 1, 0],
    ['layer', 0, 1],
    ['none', 0, 0],
  ] as const)('have the normalization %s between their layers', (normalization, batch, layer) => {
    const options = { imageShape: [16, 16, 1], baseFilters: 2, normalization } as const;
    for (const network of [dcganDiscriminator(options), dcganGenerator(options)]) {
      const count = network instanceof Discriminator ? 1 : 3;
      expect(shapes(network.model, 'BatchNormalization')).toHaveLength(batch * count);
      expect(shapes(network.model, 'LayerNormalization')).toHaveLength(layer * count);
      network.dispose();
    }
    expect(() => dcganGenerator({ ...options, normalization: true as never })).toThrow(
      "normalization must be one of 'batch', 'layer', 'none', got true",
    );
  });

  test('judge each sample on its own under layer norm', async () => {
    await tf.setBackend('cpu');
    using discriminator = dcganDiscriminator({
      imageShape: [16, 16, 1],
      baseFilters: 2,
      normalization: 'layer',
    });
    tf.tidy(() => {
      const images = tf.randomUniform([3, 16, 16, 1], -1, 1, 'float32', 5);
      const judge = (x: tf.Tensor): tf.Tensor =>
        discriminator.model.apply(x, { training: true }) as tf.Tensor;
      const alone = tf.concat(tf.split(images, 3).map(judge)).dataSync();
      judge(images)
        .dataSync()
        .forEach((logit, i) => {
          expect(logit).toBeCloseTo(alone[i]!, 5);
        });
    });
  });

  test('have the same weights for the same seed, others for another', () => {
    const first = (seed: number): number => {
      const generator = dcganGenerator({ imageShape: [8, 8, 1], baseFilters: 1, seed });
      const value = generator.model.weights[0]?.read().dataSync()[0] ?? NaN;
      generator.dispose();
      return value;
    };
    expect(first(1)).toBe(first(1));
    expect(first(1)).not.toBe(first(2));
  });

  test.each([
    [
      [30, 31, 1],
      'height and width of imageShape must be even and at least 8, got [30, 31, 1]. Pad or resize',
    ],
    [
      [6, 6, 1],
      'must be even and at least 8, got [6, 6, 1]. Pad or resize the images, for example to [16, 16, 1]',
    ],
    [[28, 28], 'imageShape must be [height, width, channels], got [28, 28]'],
    [[28, 28, 28], 'channels of imageShape must be 1 (gray) or 3 (color), got 28'],
    [[28, 28, 0], 'channels of imageShape must be a positive integer, got 0'],
    [[28, NaN, 1], 'width of imageShape must be a positive integer, got NaN'],
  ])('refuse %o', (imageShape, message) => {
    expect(() => dcganGenerator({ imageShape: imageShape as never })).toThrow(message);
    expect(() => dcganDiscriminator({ imageShape: imageShape as never })).toThrow(message);
  });

  test('take two channels only if several images are judged together', () => {
    expect(() => dcganGenerator({ imageShape: [28, 28, 2] })).toThrow(
      '1 (gray) or 3 (color), got 2',
    );
    using discriminator = dcganDiscriminator({ imageShape: [28, 28, 2], baseFilters: 2 });
    expect(discriminator.inputShape).toEqual([28, 28, 2]);
  });

  test.each([
    [
      { stages: 3 },
      'with stages 3, height and width of imageShape must be multiples of 8, got [28, 28, 1]',
    ],
    [{ baseFilters: 0 }, 'baseFilters must be a positive integer, got 0'],
    [{ kernelSize: -5 }, 'kernelSize must be a positive integer, got -5'],
    [{ latentSize: NaN }, 'latentSize must be a positive integer, got NaN'],
    [{ outputActivation: 'relu' }, "outputActivation must be one of 'tanh', 'sigmoid', got 'relu'"],
    [
      { latentDistribution: 'cauchy' },
      "latentDistribution must be one of 'normal', 'uniform', got 'cauchy'",
    ],
    [{ seed: 0.5 }, 'seed must be an integer of at least 0 and less than 2³², got 0.5'],
  ])('refuse %o', (options, message) => {
    const before = tf.memory().numTensors;
    expect(() => dcganGenerator({ imageShape: [28, 28, 1], ...(options as object) })).toThrow(
      `Cannot create a DCGAN generator: ${message}`,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('mlpGenerator and mlpDiscriminator', () => {
  test.each([[[2]], [[28, 28, 1]]])('fit each other at %o', (sampleShape) => {
    using generator = mlpGenerator({ sampleShape, hiddenUnits: [8] });
    using discriminator = mlpDiscriminator({ sampleShape, hiddenUnits: [8, 4] });
    tf.tidy(() => {
      expect(discriminator.logits(generator.sample(3)).shape).toEqual([3, 1]);
    });
    expect(generator.valueRange).toEqual(sampleShape.length === 3 ? [-1, 1] : undefined);
  });

  test.each([
    [{ sampleShape: [] }, 'sampleShape must be a list of positive integers, got []'],
    [
      { sampleShape: [2], hiddenUnits: [] },
      'hiddenUnits must be a list of positive integers, got []',
    ],
    [
      { sampleShape: [2], hiddenUnits: [4, 0] },
      'each number of hiddenUnits must be a positive integer, got 0',
    ],
  ])('refuse %o', (options, message) => {
    expect(() => mlpGenerator(options)).toThrow(message);
    expect(() => mlpDiscriminator(options)).toThrow(message);
  });
});
