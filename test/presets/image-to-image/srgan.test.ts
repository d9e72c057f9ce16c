import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { adam, BceLoss, type Dataset, datasetFromTensor, paired, SpectralNorm } from 'tfjs-gan';
import { createSrgan, Translator, Upsampling } from 'tfjs-gan/image-to-image';
import { savedBy } from '../../layers/saved-by.ts';
import { expectResumes, firstBatch, set, weightsOf } from './small-runs.ts';
import { onWasmTrain } from '../../support/on-wasm-train.ts';

onWasmTrain();

const srgan = (options: object = {}): ReturnType<typeof createSrgan> =>
  createSrgan({
    imageShape: [16, 16, 1],
    blocks: 1,
    baseFilters: 4,
    discriminatorFilters: 2,
    contentSteps: 2,
    rampSteps: 4,
    ...options,
  });

const pairs = async (): Promise<Dataset> =>
  paired({ source: await set(8, 1, 1, 8), samples: await set(8, 1, 2) });

/** A network of features that are known: the sums of each pixel and its right neighbor. */
const neighbors = (): tf.LayersModel => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 1,
        kernelSize: [1, 2],
        useBias: false,
        name: 'sums',
        inputShape: [16, 16, 1],
      }),
      tf.layers.reLU(),
      tf.layers.flatten(),
    ],
  });
  model.setWeights([tf.ones([1, 2, 1, 1])]);
  return model;
};

describe('createSrgan', () => {
  test('begins as a bilinear enlargement', () => {
    using gan = srgan({ baseFilters: 32, blocks: 4 });
    tf.tidy(() => {
      const small = tf.randomUniform<tf.Rank.R4>([2, 8, 8, 1], -1, 1, 'float32', 1);
      const enlarged = tf.image.resizeBilinear(small, [16, 16], false, true);
      const difference = tf.sub(gan.generator.translate(small), enlarged);
      expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-3);
    });
  });

  test('learns by the distance of pixels alone in the first phase', async () => {
    using gan = srgan();
    const discriminator = weightsOf(gan.discriminator.model);
    const { source, samples } = await firstBatch(await pairs(), 8);
    const expected = tf.tidy(() => {
      const enlarged = gan.generator.translate(source as tf.Tensor4D);
      return tf.mean(tf.abs(tf.sub(samples, enlarged))).dataSync()[0]!;
    });
    const { steps } = await gan.trainer.fit(await pairs(), { steps: 2, batchSize: 8 });
    expect(steps[0]!.losses.generator).toBeCloseTo(expected, 5);
    expect(steps.map(({ losses }) => Object.keys(losses))).toEqual([['generator'], ['generator']]);
    expect(weightsOf(gan.discriminator.model)).toEqual(discriminator);
    tf.dispose([source!, samples]);
  });

  test('adds the terms of the papers in the second phase, the adversarial one rising', async () => {
    const model = neighbors();
    const weights = { adversarialWeight: 8, contentWeight: 3, featureWeight: 2 };
    // With a learning rate of almost 0 the networks stay as they are.
    const still = adam({ learningRate: 1e-12 });
    using gan = srgan({
      contentSteps: 0,
      features: { model, layer: 'sums' },
      optimizers: { generator: still, discriminator: still },
      ...weights,
    });
    const { source, samples } = await firstBatch(await pairs(), 8);
    const bce = new BceLoss();
    const expected = tf.tidy(() => {
      const fake = gan.generator.translate(source as tf.Tensor4D);
      const judge = (x: tf.Tensor): tf.Tensor =>
        gan.discriminator.model.apply(x, { training: true }) as tf.Tensor;
      const sums = (x: tf.Tensor4D): tf.Tensor =>
        tf.add(
          tf.slice(x, [0, 0, 0, 0], [8, 16, 15, 1]),
          tf.slice(x, [0, 0, 1, 0], [8, 16, 15, 1]),
        );
      const [real, made] = [sums(samples as tf.Tensor4D), sums(fake)];
      const onFake = judge(fake);
      return {
        l1: 3 * tf.mean(tf.abs(tf.sub(samples, fake))).dataSync()[0]!,
        bce: 8 * bce.generator(onFake).dataSync()[0]!,
        features:
          (2 * tf.mean(tf.square(tf.sub(real, made))).dataSync()[0]!) /
          tf.moments(real).variance.dataSync()[0]!,
        discriminator: bce.discriminator(judge(samples), onFake).dataSync()[0]!,
      };
    });
    const { steps } = await gan.trainer.fit(await pairs(), { steps: 5, batchSize: 8 });
    expect(steps[0]!.terms.discriminator['bce']).toBeCloseTo(expected.discriminator, 4);
    const { l1, bce: adversarial, features } = expected;
    for (const [i, { terms }] of steps.entries()) {
      expect(terms.generator['l1']).toBeCloseTo(l1, 4);
      expect(terms.generator['features']).toBeCloseTo(features, 4);
      expect(terms.generator['bce']).toBeCloseTo(Math.min(1, (i + 1) / 4) * adversarial, 3);
    }
    expect(gan.trainer.configuration).toMatchObject({
      contentSteps: 0,
      rampSteps: 4,
      featureWeight: 2,
      'features.layer': 'sums',
    });
    expect(weightsOf(model)).toEqual([1, 1]);
    gan.dispose();
    expect(weightsOf(model)).toEqual([1, 1]);
    tf.dispose([source!, samples, ...model.getWeights()]);
  });

  test('without an adversary leaves the discriminator as it is', async () => {
    using gan = srgan({ contentSteps: 0, adversarialWeight: 0, contentWeight: 1 });
    const discriminator = weightsOf(gan.discriminator.model);
    const { steps } = await gan.trainer.fit(await pairs(), { steps: 1, batchSize: 8 });
    expect(Object.keys(steps[0]!.terms.generator)).toEqual(['l1']);
    expect(weightsOf(gan.discriminator.model)).toEqual(discriminator);
  });

  test('learns to enlarge better than straight lines do', async () => {
    // Stripes of one pixel, which all means of 2×2 pixels hide, but for their brightness.
    const large = tf.tidy(() => {
      const bright = tf.randomUniform([32, 8, 8, 1], -0.5, 0.5, 'float32', 1);
      const pixels = tf.tensor4d([0.3, -0.3, 0.3, -0.3], [1, 2, 2, 1]);
      return tf.add<tf.Tensor4D>(
        new Upsampling({ factor: 2 }).apply(bright) as tf.Tensor,
        tf.tile(pixels, [1, 8, 8, 1]),
      );
    });
    const small = tf.avgPool(large, 2, 2, 'valid');
    const data = paired({
      source: await datasetFromTensor(small),
      samples: await datasetFromTensor(large),
    });
    using gan = srgan({
      contentSteps: 60,
      optimizers: { generator: adam({ learningRate: 3e-3, beta1: 0.9 }) },
    });
    const distance = (): number =>
      tf.tidy(() => tf.mean(tf.abs(tf.sub(gan.generator.translate(small), large))).dataSync()[0]!);
    const before = distance();
    await gan.trainer.fit(data, { steps: 60, batchSize: 8 });
    expect(distance()).toBeLessThan(0.5 * before);
  });

  test('resumes bit-for-bit in both phases and within the ramp', async () => {
    const model = neighbors();
    const make = (): ReturnType<typeof createSrgan> =>
      srgan({ features: { model }, ema: { decay: 0.9 } });
    await expectResumes(make, await pairs(), [1, 4]);
    model.dispose();
  });

  test('judges under spectral norm in the first step of the second phase, as a trainer that begins there', async () => {
    const make = (): ReturnType<typeof createSrgan> =>
      srgan({ constraints: [new SpectralNorm()], adversarialWeight: 1 });
    const [whole, begun, data] = [make(), make(), await pairs()];
    await whole.trainer.fit(data, { steps: 2, batchSize: 2 });
    await begun.trainer.restore(structuredClone(await whole.trainer.snapshot()));
    const terms: unknown[] = [];
    for (const gan of [whole, begun]) {
      const { steps } = await gan.trainer.fit(data, { steps: 1, batchSize: 2 });
      terms.push(steps.at(-1)!.terms);
      gan.dispose();
    }
    expect(terms[1]).toEqual(terms[0]);
  });

  test('saves a translator that enlarges pictures of any size alike, and frees what it made', async () => {
    const before = tf.memory().numTensors;
    const gan = srgan({ scale: 4, upsampling: 'nearest' });
    const saved = await savedBy((handler) => gan.generator.save(handler));
    const loaded = await Translator.load(tf.io.fromMemory(saved));
    expect([loaded.sourceShape, loaded.targetShape]).toEqual([
      [4, 4, 1],
      [16, 16, 1],
    ]);
    tf.tidy(() => {
      const picture = tf.randomUniform<tf.Rank.R4>([1, 13, 6, 1], -1, 1, 'float32', 1);
      const [first, second] = [gan.generator, loaded].map((one) => one.translate(picture));
      expect(first!.shape).toEqual([1, 52, 24, 1]);
      expect(second!.dataSync()).toEqual(first!.dataSync());
    });
    gan.dispose();
    loaded.dispose();
    expect([gan.generator.isDisposed, tf.memory().numTensors]).toEqual([true, before]);
  });

  test.each<[string, () => object, string]>([
    ['an unknown option', () => ({ lambda: 1 }), "got 'lambda'"],
    ['a scale of 3', () => ({ scale: 3 }), 'scale must be one of 2, 4, 8, got 3'],
    [
      'sides that the scale does not divide',
      () => ({ imageShape: [28, 28, 1], scale: 8 }),
      'height and width of imageShape must be multiples of the scale 8, got [28, 28, 1]. It is the shape of the large images',
    ],
    [
      'half a step',
      () => ({ contentSteps: 0.5 }),
      'contentSteps must be an integer of at least 0, got 0.5',
    ],
    [
      'a negative weight',
      () => ({ featureWeight: -1 }),
      'featureWeight must be a number of at least 0, got -1',
    ],
    [
      'features that are no model',
      () => ({ features: { model: 'vgg19' } }),
      "features.model must be a tf.LayersModel with one input, got 'vgg19'",
    ],
    [
      'features of other pictures',
      () => ({ imageShape: [32, 32, 1], features: { model: neighbors() } }),
      'features.model must take images of the shape [32, 32, 1], got one that takes [16, 16, 1]',
    ],
    [
      'an unknown layer',
      () => ({ features: { model: neighbors(), layer: 'conv5_4' } }),
      "features.layer must be one of 'sums', ",
    ],
  ])('is refused with %s', (_, options, message) => {
    const given = options();
    const before = tf.memory().numTensors;
    expect(() => srgan(given)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses small and large pictures in each other’s place', async () => {
    using gan = srgan();
    const swapped = paired({ source: await set(8, 1, 1), samples: await set(8, 1, 2, 8) });
    await expect(gan.trainer.fit(swapped, { steps: 1, batchSize: 4 })).rejects.toThrow(
      'must have the shape the networks were created for, [16, 16, 1], got [8, 8, 1]. Are samples and source swapped?',
    );
  });
});
