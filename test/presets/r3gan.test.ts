import * as tf from '@tensorflow/tfjs';
import type { Generator, CreateR3ganOptions, Dataset, Discriminator, Gan } from 'tfjs-gan';
import { createR3gan, packing, useBackend } from 'tfjs-gan';
import { describe, expect, test } from 'vitest';
import { buildModel } from '../../src/models/build-model.ts';
import golden from '../golden/r3gan.json' with { type: 'json' };
import { savedBy } from '../layers/saved-by.ts';
import { blobs, timeless, weightsOf } from '../support/tiny-gan.ts';
import { onWasmTrain } from '../support/on-wasm-train.ts';

const tiny = { imageShape: [8, 8, 1], baseFilters: 2, latentSize: 3, seed: 5 } as const;

function tinyR3gan(options: Partial<CreateR3ganOptions> = {}): Gan {
  return createR3gan({ ...tiny, ...options });
}

/** The images of the golden steps, in their order, in every batch. */
const pairs: Dataset = {
  name: 'pairs',
  size: 4,
  sampleShape: [8, 8, 1],
  async *batches({ firstBatch = 0 }) {
    if (firstBatch > 0) return;
    const { values, shape } = golden.real;
    yield await Promise.resolve({ samples: tf.tensor(values, shape) });
  },
};

function setWeights({ model }: Generator | Discriminator, stored: typeof golden.generator): void {
  tf.tidy(() => {
    model.setWeights(stored.map(({ values, shape }) => tf.tensor(values, shape)));
  });
}

describe('createR3gan', () => {
  onWasmTrain();

  test.each(['cpu', 'wasm-train'] as const)(
    'trains as PyTorch does by the formulas of the paper, on %s',
    async (backend) => {
      await useBackend(backend);
      const gan = tinyR3gan({ burnIn: golden.burnIn });
      setWeights(gan.generator, golden.generator);
      setWeights(gan.discriminator, golden.discriminator);
      const { steps } = await gan.trainer.fit(pairs, { steps: 3, batchSize: 4 });
      for (const [i, { losses, terms, gradientNorms }] of steps.entries()) {
        const expected = golden.steps[i]!;
        const actual = {
          adversarial: terms.discriminator['relativistic']!,
          r1: terms.discriminator['r1']!,
          r2: terms.discriminator['r2']!,
          discriminatorNorm: gradientNorms.discriminator,
          generator: losses.generator,
          generatorNorm: gradientNorms.generator,
        };
        for (const [name, value] of Object.entries(actual)) {
          const wanted = expected[name as keyof typeof expected];
          expect(Math.abs(value / wanted - 1), `${name} of step ${i + 1}`).toBeLessThan(1e-5);
        }
      }
      gan.dispose();
      await useBackend('wasm-train');
    },
  );

  test('has no normalization, and starts each block as the identity', () => {
    using gan = createR3gan({ imageShape: [16, 8, 3], baseFilters: 4, blocks: 2 });
    const layers = [gan.generator, gan.discriminator].flatMap(({ model }) => model.layers);
    const kinds = new Set(layers.map((layer) => layer.getClassName()));
    expect([...kinds].filter((kind) => kind.includes('Norm'))).toEqual([]);
    expect(gan.generator.outputShape).toEqual([16, 8, 3]);
    const zero = layers.filter(
      (layer) =>
        layer.getClassName() === 'Conv2D' &&
        layer
          .getWeights()[0]!
          .dataSync()
          .every((value) => value === 0),
    );
    // Two blocks at each of two sizes, in both networks.
    expect(zero).toHaveLength(8);
    // Gain √(2/1.04) · 4^(−¼), inputs 3·3·16: of 2304 weights.
    const [kernel] = layers
      .filter((layer) => layer.getWeights()[0]?.shape.join() === '3,3,16,16')
      .map((layer) => layer.getWeights()[0]!);
    const deviation = Math.sqrt(tf.mean(tf.square(kernel!)).dataSync()[0]!);
    const wanted = (Math.sqrt(2 / 1.04) * 4 ** -0.25) / Math.sqrt(144);
    expect(deviation / wanted).toBeGreaterThan(0.95);
    expect(deviation / wanted).toBeLessThan(1.05);
  });

  test('moves γ, rates, β₂ and the half-life to their last values over the run', async () => {
    using gan = tinyR3gan({ gamma: 0.2 });
    expect(gan.trainer.configuration).toMatchObject({
      'loss.average': false,
      'penalties.r1.weight.from': 2,
      'penalties.r1.weight.to': 0.2,
      'penalties.r2.weight.from': 2,
      'optimizers.discriminator.beta2.to': 0.99,
      'optimizers.generator.beta1': 0,
    });
    const { steps } = await gan.trainer.fit(blobs(), { steps: 5, batchSize: 4 });
    const rates = steps.map(({ learningRates }) => learningRates.generator);
    expect(rates[0]).toBeCloseTo(2e-4, 9);
    // The last update is a fifth of the way before the end: 5e-5 + 1.5e-4 · (1 + cos(0.8π)) / 2.
    expect(rates.at(-1)).toBeCloseTo(6.4323726e-5, 9);
  });

  test('draws classes, judges packs, and samples alike after loading', async () => {
    using classes = createR3gan({ ...tiny, classes: 3 });
    const { samples, labels } = { samples: tf.zeros([4, 8, 8, 1]), labels: [0, 1, 2, 0] };
    expect(classes.generator.sample(4, { labels }).shape).toEqual([4, 8, 8, 1]);
    samples.dispose();
    using packs = tinyR3gan({ transforms: [packing(2)] });
    expect(packs.discriminator.inputShape).toEqual([8, 8, 2]);
    await packs.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const { generator } = classes;
    const loaded = await buildModel(
      await savedBy((handler) => generator.model.save(handler)),
      "'r3gan'",
    );
    const latents = generator.latents(2, { seed: 1 });
    const inputs = [latents, tf.tensor2d([[1], [2]], [2, 1], 'int32')];
    const [own, again] = [generator.model, loaded].map(
      (model) => model.predict(inputs) as tf.Tensor,
    );
    expect(again!.dataSync()).toEqual(own!.dataSync());
  });

  test('continues bit-for-bit after a restore', async () => {
    const play = async (stop?: number): Promise<unknown> => {
      let gan = tinyR3gan({ burnIn: 10 });
      if (stop !== undefined) {
        await gan.trainer.fit(blobs(), { until: { steps: stop }, batchSize: 4 });
        const snapshot = structuredClone(await gan.trainer.snapshot());
        gan.dispose();
        gan = tinyR3gan({ burnIn: 10 });
        await gan.trainer.restore(snapshot);
      }
      const { steps } = await gan.trainer.fit(blobs(), { until: { steps: 4 }, batchSize: 4 });
      const reached = [weightsOf(gan), timeless(steps)];
      gan.dispose();
      return reached;
    };
    expect(await play(2)).toEqual(await play());
  });

  test.each([
    [{ gamma: -1 }, 'Cannot create an R3GAN: gamma must be a number of at least 0, got -1'],
    [{ penaltyEvery: 0 }, 'penaltyEvery must be a positive integer, got 0'],
    [{ burnIn: 0.5 }, 'burnIn must be a positive integer, got 0.5'],
    [{ blocks: 0 }, 'Cannot create an R3GAN generator: blocks must be a positive integer, got 0'],
    [{ imageShape: [7, 7, 1] as const }, 'height and width of imageShape must be even and at least 8, got [7, 7, 1]'],
    [{ outputActivation: 'tanh' }, "must have only the names"],
  ])('refuses %j', (options, message) => {
    expect(() => tinyR3gan(options as Partial<CreateR3ganOptions>)).toThrow(message);
  }); // prettier-ignore
});
