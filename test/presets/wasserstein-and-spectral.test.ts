import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { adam, createSngan, createWgan, createWganGp, type Gan, sgd } from 'tfjs-gan';
import { blobs, weightsOf } from '../support/tiny-gan.ts';
import { onWasmTrain } from '../support/on-wasm-train.ts';

const tiny = { imageShape: [16, 16, 1], baseFilters: 4, latentSize: 8 } as const;
const kinds = (model: tf.LayersModel): Set<string> =>
  new Set(model.layers.map((layer) => layer.getClassName()));

/** Each preset, what its paper sets, and the sides it must show. */
const presets: [string, (options?: object) => Gan, Record<string, unknown>][] = [
  [
    'createWgan',
    (options) => createWgan({ ...tiny, ...options }),
    {
      'loss.name': 'wasserstein',
      'constraints.weightClipping.limit': 0.01,
      'optimizers.generator.name': 'rmsprop',
      'optimizers.generator.learningRate': 5e-5,
      'optimizers.generator.decay': 0.99,
      'optimizers.discriminator.learningRate': 5e-5,
      'updatesPerStep.discriminator': 5,
      'updatesPerStep.generator': 1,
    },
  ],
  [
    'createWganGp',
    (options) => createWganGp({ ...tiny, ...options }),
    {
      'loss.name': 'wasserstein',
      'penalties.gradientPenalty.weight': 10,
      'penalties.gradientPenalty.targetNorm': 1,
      'optimizers.generator.name': 'adam',
      'optimizers.generator.learningRate': 1e-4,
      'optimizers.generator.beta1': 0,
      'optimizers.generator.beta2': 0.9,
      'optimizers.discriminator.learningRate': 1e-4,
      'updatesPerStep.discriminator': 5,
      'updatesPerStep.generator': 1,
    },
  ],
  ...(['dcgan', 'resnet'] as const).map((networks): (typeof presets)[number] => [
    `createSngan with ${networks} networks`,
    (options) => createSngan({ ...tiny, networks, ...options }),
    {
      'loss.name': 'hinge',
      'constraints.spectralNorm.target': 'discriminator',
      'constraints.spectralNorm.powerIterations': 1,
      'optimizers.generator.learningRate': 2e-4,
      'optimizers.generator.beta1': 0,
      'optimizers.generator.beta2': 0.9,
      'optimizers.discriminator.learningRate': 2e-4,
      'updatesPerStep.discriminator': 5,
      'updatesPerStep.generator': 1,
    },
  ]),
];

describe.each(presets)('%s', (_name, make, settings) => {
  onWasmTrain();

  test("has the paper's settings", () => {
    using gan = make();
    expect(gan.trainer.configuration).toMatchObject(settings);
  });

  test('trains: every trained weight of both networks moves, and stays finite', async () => {
    const tensors = tf.memory().numTensors;
    const gan = make();
    const before = weightsOf(gan);
    const history = await gan.trainer.fit(blobs(400, [16, 16, 1]), { steps: 3, batchSize: 8 });
    expect(history.steps).toHaveLength(3);
    const after = weightsOf(gan);
    expect(after.flat().every(Number.isFinite)).toBe(true);
    const still = after.filter((values, i) =>
      values.every((value, at) => value === before[i]?.[at]),
    );
    // An offset of all logits, the last trained weight, is nothing to a Wasserstein loss.
    expect(still.filter(({ length }) => length > 1)).toEqual([]);
    gan.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('repeats from a seed', async () => {
    const play = async (seed: number): Promise<number[][]> => {
      const gan = make({ seed });
      await gan.trainer.fit(blobs(400, [16, 16, 1]), { steps: 1, batchSize: 8 });
      const weights = weightsOf(gan);
      gan.dispose();
      return weights;
    };
    expect(await play(1)).toEqual(await play(1));
    expect(await play(1)).not.toEqual(await play(2));
  });

  test('lets any part be changed and keeps the others', () => {
    using gan = make({
      optimizers: { generator: undefined, discriminator: sgd({ learningRate: 0.1 }) },
      updatesPerStep: { discriminator: 2 },
    });
    expect(gan.trainer.configuration).toMatchObject({
      'optimizers.generator.name': settings['optimizers.generator.name'] ?? 'adam',
      'optimizers.discriminator.name': 'sgd',
      'updatesPerStep.discriminator': 2,
    });
  });

  test('leaves nothing behind when its settings are refused', () => {
    const tensors = tf.memory().numTensors;
    expect(() => make({ optimizers: adam() })).toThrow('optimizers');
    expect(() => make({ updatesPerStep: { discriminator: 0 } })).toThrow(
      'updatesPerStep.discriminator must be a positive integer, got 0',
    );
    expect(() => make({ imageShape: [15, 15, 1] })).toThrow(
      'height and width of imageShape must be even',
    );
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

describe('the critics', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test('of WGAN have batch norm, of WGAN-GP and SNGAN none unless requested', () => {
    const has = (gan: Gan, layer: string): boolean => {
      const found = kinds(gan.discriminator.model).has(layer);
      expect(kinds(gan.generator.model).has('BatchNormalization')).toBe(true);
      gan.dispose();
      return found;
    };
    expect(has(createWgan(tiny), 'BatchNormalization')).toBe(true);
    expect(has(createWganGp(tiny), 'BatchNormalization')).toBe(false);
    const layer = { discriminator: 'layer' } as const;
    expect(has(createWganGp({ ...tiny, normalization: layer }), 'LayerNormalization')).toBe(true);
    for (const networks of ['dcgan', 'resnet'] as const) {
      expect(has(createSngan({ ...tiny, networks }), 'BatchNormalization')).toBe(false);
    }
  });

  test('of SNGAN are held at one, however they start', async () => {
    using gan = createSngan({ ...tiny, networks: 'resnet' });
    await gan.trainer.fit(blobs(80, [16, 16, 1]), { steps: 1, batchSize: 4 });
    // Smallest stretch of any 1×1 kernel is the norm of a column; the last, a single column, is of length one.
    const last = gan.discriminator.model.layers.at(-1).getWeights()[0]!;
    expect(tf.tidy(() => tf.norm(last).dataSync()[0])).toBeCloseTo(1, 3);
  });

  test('refuse networks that are not there', () => {
    expect(() => createSngan({ ...tiny, networks: 'unet' } as never)).toThrow(
      "Cannot create an SNGAN: networks must be one of 'dcgan', 'resnet', got 'unet'",
    );
  });
});
