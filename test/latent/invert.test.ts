import * as tf from '@tensorflow/tfjs';
import { createMlpGan, Generator, type GeneratorOptions } from 'tfjs-gan';
import { type Inversion, invert, type InvertOptions } from 'tfjs-gan/latent';
import { featureExtractor } from 'tfjs-gan/metrics';
import { describe, expect, test, vi } from 'vitest';
import { echo } from '../models/conditional-networks.ts';
import '../support/on-cpu.ts';

/** Makes three numbers of two latents, by a matrix. */
function linear(latentDistribution: GeneratorOptions['latentDistribution']): Generator {
  const layer = tf.layers.dense({ units: 3, useBias: false, inputShape: [2] });
  const model = tf.sequential({ layers: [layer] });
  layer.setWeights([tf.tensor2d([1, 2, 0, -1, 1, 2], [2, 3])]);
  return new Generator({ model, latentDistribution, ownsModel: true });
}

const free = ({ inputs, samples }: Inversion): void => tf.dispose([inputs, samples]);

const quick: InvertOptions = { steps: 150, restarts: 2, learningRate: 0.1 };

describe('invert', () => {
  test('finds the latents of samples', async () => {
    const generator = linear('normal');
    // On the circle of radius √2, where the pull is zero.
    const latents = tf.tensor2d([1, 1, 1, -1, -1.4, 0.2], [3, 2]);
    const images = generator.generate(latents);
    const found = await invert(generator, images, quick);
    const apart = tf.max(tf.abs(tf.sub(found.inputs['latents']!, latents))).dataSync()[0];
    expect(apart).toBeLessThan(0.01);
    expect(Math.max(...found.distances)).toBeLessThan(0.01);
    const again = generator.generate(found.inputs);
    expect([...again.dataSync()]).toEqual([...found.samples.dataSync()]);
  });

  test('comes as near as least squares to what the generator cannot make', async () => {
    // The columns (1, 2, 0) and (−1, 1, 2) leave the error along their cross product, (4, −2, 3).
    const generator = linear('uniform');
    const image = [0.3 + 0.4, 0.6 - 0.2, 0.3];
    const found = await invert(generator, tf.tensor2d(image, [1, 3]), quick);
    const latents = [...found.inputs['latents']!.dataSync()];
    expect(latents[0]).toBeCloseTo(0.3, 2);
    expect(latents[1]).toBeCloseTo(0, 2);
    expect(found.distances[0]).toBeCloseTo((0.4 + 0.2 + 0.3) / 3, 2);
  });

  test('keeps uniform latents in their box', async () => {
    const generator = echo({ latents: 2 }, { latentDistribution: 'uniform' });
    const found = await invert(generator, tf.tensor2d([3, -0.5], [1, 2]), quick);
    const [first, second] = found.inputs['latents']!.dataSync();
    expect(first).toBe(1);
    expect(second).toBeCloseTo(-0.5, 2);
    expect(found.distances[0]).toBeCloseTo(1, 2);
  });

  test('pulls normal latents towards the sphere', async () => {
    const found = await invert(echo({ latents: 2 }), tf.tensor2d([4, 0], [1, 2]), quick);
    const [length] = found.inputs['latents']!.dataSync();
    // The minimum of (4 − z)²/2 + 0.01(z²/2 − 1)²: z − 4 + 0.02z(z²/2 − 1) = 0
    expect(length).toBeCloseTo(3.604, 2);
  });

  test('keeps given conditions, and finds those that are left out', async () => {
    const generator = echo({ latents: 2, labels: { classes: 4 } });
    const images = tf.tensor2d([1, 1, 0, 0, 1, 0, 1, -1, 1, 0, 0, 0], [2, 6]);
    const found = await invert(generator, images, quick);
    expect([...found.inputs['labels']!.dataSync()]).toEqual([2, 0]);
    expect(Math.max(...found.distances)).toBeLessThan(0.01);
    const told = await invert(generator, images, { ...quick, labels: [2, 1] });
    expect([...told.inputs['labels']!.dataSync()]).toEqual([2, 1]);
    expect(told.distances[1]).toBeCloseTo(2 / 6, 2);
  });

  test('weighs features too', async () => {
    const layer = tf.layers.dense({ units: 2, useBias: false, inputShape: [1] });
    const model = tf.sequential({ layers: [layer] });
    layer.setWeights([tf.tensor2d([1, 0], [1, 2])]);
    const generator = new Generator({ model, latentDistribution: 'uniform', ownsModel: true });
    const features = featureExtractor((rows) => tf.mul(tf.sum(rows, 1, true), 100), {
      name: 'sum',
      inputShape: [2],
    });
    const image = tf.tensor2d([0.3, 0.4], [1, 2]);
    const found = await invert(generator, image, { ...quick, features });
    // (z − 0.3) + 2 (z − 0.7) / 0.49 = 0; without features it would be 0.3.
    expect(found.inputs['latents']!.dataSync()[0]).toBeCloseTo(0.621, 2);
  });

  test('searches for many images in groups, in their order', async () => {
    const generator = echo({ latents: 2 });
    const latents = generator.latents(5, { seed: 2 });
    const found = await invert(generator, latents, { steps: 60, restarts: 64 });
    expect(found.samples.shape).toEqual([5, 2]);
    expect(Math.max(...found.distances)).toBeLessThan(0.1);
  });

  test('finds the same for the same seed, and leaves only its result behind', async () => {
    const gan = createMlpGan({ sampleShape: [4], latentSize: 3, classes: 2, seed: 1 });
    const images = gan.generator.sample(2, { seed: 3 });
    const latentsFor = async (seed: number): Promise<number[]> => {
      const found = await invert(gan.generator, images, { steps: 5, restarts: 2, seed });
      const latents = [...found.inputs['latents']!.dataSync()];
      free(found);
      return latents;
    };
    const before = tf.memory().numTensors;
    const first = await latentsFor(4);
    expect(await latentsFor(4)).toEqual(first);
    expect(await latentsFor(5)).not.toEqual(first);
    await expect(invert(gan.generator, images, { labels: [0, 9] })).rejects.toThrow(RangeError);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves nothing behind if its end fails', async () => {
    const generator = linear('normal');
    const images = generator.sample(1, { seed: 1 });
    let calls = 0;
    const failing = (samples: tf.Tensor): tf.Tensor => {
      calls += 1;
      // After those of the extractor itself, the image, the candidates and one step.
      if (calls === 5) throw new Error('broken');
      return samples;
    };
    const features = featureExtractor(failing, { name: 'failing', inputShape: [3] });
    const one = { steps: 1, restarts: 1 };
    // The generator keeps its prepared weights.
    free(await invert(generator, images, one));
    const before = tf.memory().numTensors;
    await expect(invert(generator, images, { ...one, features })).rejects.toThrow('broken');
    expect(tf.memory().numTensors).toBe(before);

    // The third values that are read are the distances.
    const data = Reflect.get(tf.Tensor.prototype, 'data') as (this: tf.Tensor) => Promise<never>;
    let reads = 0;
    vi.spyOn(tf.Tensor.prototype, 'data').mockImplementation(function (this: tf.Tensor) {
      reads += 1;
      return reads === 3 ? Promise.reject(new Error('lost')) : data.call(this);
    });
    await expect(invert(generator, images, one)).rejects.toThrow('lost');
    vi.restoreAllMocks();
    expect(tf.memory().numTensors).toBe(before);
    images.dispose();
  });

  test.each<[object, string]>([
    [{ steps: 0 }, 'steps must be a positive integer, got 0'],
    [{ restarts: 1.5 }, 'restarts must be a positive integer, got 1.5'],
    [{ learningRate: 0 }, 'learningRate must be a positive number, got 0'],
    [{ seed: -1 }, 'seed must be an integer of at least 0 and less than 2³², got -1'],
    [
      { iterations: 3 },
      "options must have only the names features, steps, restarts, learningRate, seed, got 'iterations'",
    ],
    [{ labels: 1 }, 'labels must be left out, because this generator takes no conditions'],
  ])('refuses %j', async (options, message) => {
    await expect(invert(echo({ latents: 2 }), tf.ones([1, 2]), options)).rejects.toThrow(
      `Cannot invert images: ${message}`,
    );
  });

  test('refuses images of another shape', async () => {
    const generator = echo({ latents: 2 });
    for (const images of [tf.ones([2]), tf.ones([1, 3]), tf.zeros([0, 2])]) {
      await expect(invert(generator, images)).rejects.toThrow(
        'Cannot invert images: images must have the shape [batch, 2], got',
      );
    }
    await expect(invert(generator, [1, 2] as never)).rejects.toThrow(
      'images must be a tensor, got [1, 2]',
    );
  });
});
