import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  BceLoss,
  type Dataset,
  datasetFromTensor,
  type ImageShape,
  linearDecay,
  paired,
  RelativisticLoss,
  SpectralNorm,
  unpaired,
} from 'tfjs-gan';
import { createCycleGan, createPix2pix, Translator } from 'tfjs-gan/image-to-image';
import { savedBy } from '../../layers/saved-by.ts';
import { expectResumes, firstBatch, set, weightsOf } from './small-runs.ts';
import { onWasmTrain } from '../../support/on-wasm-train.ts';

onWasmTrain();

const pairs = async (): Promise<Dataset> =>
  paired({ source: await set(12, 1, 1), samples: await set(12, 3, 2) });

const collections = async (): Promise<Dataset> =>
  unpaired({ a: await set(10, 1, 1), b: await set(14, 3, 2) });

const shapes = { sourceShape: [16, 16, 1], targetShape: [16, 16, 3] } as const;
const sets = { shapes: { a: [16, 16, 1], b: [16, 16, 3] } } as const;

const pix2pix = (options: object = {}): ReturnType<typeof createPix2pix> =>
  createPix2pix({ ...shapes, baseFilters: 2, depth: 2, ...options });

const cycleGan = (options: object = {}): ReturnType<typeof createCycleGan> =>
  createCycleGan({
    ...sets,
    baseFilters: 2,
    discriminatorFilters: 2,
    blocks: 1,
    poolSize: 5,
    ...options,
  });

describe('createPix2pix', () => {
  test('has the terms of the paper', async () => {
    using gan = pix2pix();
    const before = {
      generator: weightsOf(gan.generator.generator.model),
      discriminator: weightsOf(gan.discriminator.model),
    };
    // By hand, from the weights before the step.
    const { source, samples } = await firstBatch(await pairs(), 12);
    const bce = new BceLoss();
    const expected = tf.tidy(() => {
      const run = (model: tf.LayersModel, inputs: tf.Tensor | tf.Tensor[]): tf.Tensor =>
        model.apply(inputs, { training: true }) as tf.Tensor;
      const { model } = gan.discriminator;
      const fake = run(gan.generator.generator.model, source!);
      const [onReal, onFake] = [run(model, [source!, samples]), run(model, [source!, fake])];
      const l1 = tf.mean(tf.abs(tf.sub(samples, fake)));
      return [tf.mul(bce.discriminator(onReal, onFake), 0.5), l1].map((x) => x.dataSync()[0]!);
    });
    const { steps } = await gan.trainer.fit(await pairs(), { steps: 1, batchSize: 12 });
    const { terms, metrics } = steps[0]!;
    expect(terms.discriminator['bce']).toBeCloseTo(expected[0]!, 4);
    expect(metrics['l1']).toBeCloseTo(expected[1]!, 4);
    expect(terms.generator['l1']).toBeCloseTo(100 * expected[1]!, 2);
    expect(Object.keys(terms.generator)).toEqual(['bce', 'l1']);
    expect(Object.keys(metrics)).toEqual(
      expect.arrayContaining(['accuracy/real', 'accuracy/fake']),
    );
    expect(weightsOf(gan.generator.generator.model)).not.toEqual(before.generator);
    expect(weightsOf(gan.discriminator.model)).not.toEqual(before.discriminator);
    expect(gan.trainer.configuration).toMatchObject({
      'loss.name': 'bce',
      l1Weight: 100,
      'optimizers.generator.beta1': 0.5,
      'optimizers.generator.learningRate': 0.0002,
    });
    tf.dispose([source!, samples]);
  });

  test('without an adversary learns by distance alone, and leaves the discriminator as it is', async () => {
    using gan = pix2pix({ adversarialWeight: 0, l1Weight: 1 });
    const before = weightsOf(gan.discriminator.model);
    const { steps } = await gan.trainer.fit(await pairs(), { steps: 2, batchSize: 4 });
    expect(weightsOf(gan.discriminator.model)).toEqual(before);
    expect(Object.keys(steps[0]!.losses)).toEqual(['generator']);
    expect(steps[0]!.losses.generator).toBe(steps[0]!.metrics['l1']);
  });

  test('learns a map of gray to color', async () => {
    const source = tf.randomUniform<tf.Rank.R4>([32, 16, 16, 1], -1, 1, 'float32', 1);
    const samples = tf.tidy(() => tf.concat([source, tf.neg(source), tf.zerosLike(source)], 3));
    const data = paired({
      source: await datasetFromTensor(source),
      samples: await datasetFromTensor(samples),
    });
    using gan = pix2pix({
      baseFilters: 8,
      depth: 1,
      ema: { decay: 0.9 },
      optimizers: { generator: adam({ learningRate: 5e-3 }) },
    });
    const distance = (): number =>
      tf.tidy(
        () => tf.mean(tf.abs(tf.sub(gan.generator.translate(source), samples))).dataSync()[0]!,
      );
    const before = distance();
    await gan.trainer.fit(data, { steps: 80, batchSize: 8 });
    expect(distance()).toBeLessThan(0.5 * before);
    expect(gan.generator.generator.hasEma).toBe(true);
  });

  test('resumes bit-for-bit, dropout included', async () => {
    const shape: ImageShape = [64, 64, 1];
    const options = {
      sourceShape: shape,
      targetShape: shape,
      baseFilters: 1,
      depth: 6,
      ema: { decay: 0.9 },
    };
    const noise = (seed: number): Promise<Dataset> =>
      datasetFromTensor(tf.randomUniform([6, 64, 64, 1], -1, 1, 'float32', seed));
    const data = paired({ source: await noise(1), samples: await noise(2) });
    await expectResumes(() => createPix2pix(options), data, [2, 4]);
  });

  test('takes other losses, schedules and constraints', async () => {
    using gan = pix2pix({
      loss: new RelativisticLoss(),
      l1Weight: linearDecay({ from: 10, to: 0, begin: 1, end: 2 }),
      constraints: [new SpectralNorm({ target: 'discriminator' })],
    });
    const { steps } = await gan.trainer.fit(await pairs(), { steps: 4, batchSize: 4 });
    expect(Object.keys(steps[0]!.terms.generator)).toHaveLength(2);
    // At weight 0 the term is left out.
    expect(Object.keys(steps.at(-1)!.terms.generator)).toHaveLength(1);
    expect(Object.keys(steps[0]!.constraintMetrics.discriminator)).toHaveLength(3);
  });

  test('saves a translator, and frees all that it made', async () => {
    const before = tf.memory().numTensors;
    const gan = pix2pix();
    await savedBy((handler) => gan.generator.save(handler));
    gan.dispose();
    expect([gan.generator.isDisposed, tf.memory().numTensors]).toEqual([true, before]);
    expect(() => pix2pix({ optimizers: { generator: adam, discriminator: 1 } })).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[string, () => Promise<Dataset>, string]>([
    [
      'a set without sources',
      () => set(12, 3, 1),
      "must return batches with 'source', which the game 'pix2pix' requires, got samples only. " +
        'Join datasets with paired({ samples, source })',
    ],
    [
      'source and samples in each other’s place',
      async () => paired({ source: await set(12, 3, 1), samples: await set(12, 1, 1) }),
      'must have the shape the networks were created for, [16, 16, 3], got [16, 16, 1]. Are samples and source swapped?',
    ],
    [
      'pictures of another size',
      async () => {
        const small = await datasetFromTensor(tf.zeros([12, 8, 8, 1]));
        return paired({ source: small, samples: await set(12, 3, 1) });
      },
      "must have the shape the game 'pix2pix' requires, [16, 16, 1], got [8, 8, 1]",
    ],
    [
      'one pair for a batch of four',
      async () => paired({ source: await set(1, 1, 1), samples: await set(1, 3, 1) }),
      'must hold at least one batch of 4 samples, got 1 samples. Lower batchSize',
    ],
    [
      'sets of two sizes',
      async () => paired({ source: await set(8, 1, 1), samples: await set(9, 3, 1) }),
      'source must have the size of samples, 9, got 8',
    ],
  ])('refuses %s', async (_, data, message) => {
    using gan = pix2pix();
    const run = async (): Promise<unknown> =>
      gan.trainer.fit(await data(), { steps: 1, batchSize: 4 });
    await expect(run()).rejects.toThrow(message);
  });

  test.each<[string, object, string]>([
    ['an unknown option', { lambda: 1 }, "got 'lambda'"],
    ['a negative weight', { l1Weight: -1 }, 'l1Weight must be a number of at least 0, got -1'],
    ['an optimizer for all', { optimizers: adam() }, 'optimizers must'],
    ['two sizes', { targetShape: [32, 32, 3] }, 'sourceShape and targetShape must have one height'],
  ])('is refused with %s', (_, options, message) => {
    const before = tf.memory().numTensors;
    expect(() => pix2pix(options)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('createCycleGan', () => {
  test('updates the generators first, then the discriminators, with the terms of the paper', async () => {
    using gan = cycleGan();
    const { steps } = await gan.trainer.fit(await collections(), { steps: 1, batchSize: 4 });
    const { terms, metrics } = steps[0]!;
    expect(gan.trainer.game.turns.map(({ name }) => name)).toEqual([
      'generators',
      'discriminators',
    ]);
    expect(Object.keys(terms['generators']!)).toEqual([
      ...['leastSquares/aToB', 'cycle/aToB', 'leastSquares/bToA', 'cycle/bToA'],
    ]);
    expect(Object.keys(terms['discriminators']!)).toEqual(['leastSquares/b', 'leastSquares/a']);
    expect(Object.keys(metrics)).toEqual(
      expect.arrayContaining(['accuracy/a/real', 'accuracy/b/fake']),
    );
  });

  test('has the identity term of sets with the same channels', async () => {
    using gan = createCycleGan({
      shapes: { a: [16, 16, 3], b: [16, 16, 3] },
      baseFilters: 2,
      discriminatorFilters: 2,
      blocks: 1,
    });
    const data = unpaired({ a: await set(8, 3, 1), b: await set(8, 3, 2) });
    const { a, b } = await firstBatch(data, 8);
    const expected = tf.tidy(() => {
      const { aToB, bToA } = gan.generators;
      const l1 = (x: tf.Tensor, y: tf.Tensor): number =>
        tf.mean(tf.abs(tf.sub(x, y))).dataSync()[0]!;
      const [real, other] = [a as tf.Tensor4D, b as tf.Tensor4D];
      const there = aToB.translate(real);
      return {
        'cycle/aToB': 10 * l1(real, bToA.translate(there)),
        'identity/aToB': 5 * l1(other, aToB.translate(other)),
        'identity/bToA': 5 * l1(real, bToA.translate(real)),
      };
    });
    const { steps } = await gan.trainer.fit(data, { steps: 1, batchSize: 8 });
    for (const [name, value] of Object.entries(expected)) {
      expect(steps[0]!.terms['generators']![name], name).toBeCloseTo(value, 3);
    }
    tf.dispose([a!, b!]);
  });

  test('resumes bit-for-bit, with pools that fill and that are full', async () => {
    await expectResumes(() => cycleGan({ ema: { decay: 0.9 } }), await collections(), [1, 4]);
  });

  test('shows the discriminators this step’s fake samples if the pool has no places', async () => {
    const run = async (poolSize: number, steps: number): Promise<number[]> => {
      const gan = cycleGan({ poolSize });
      await gan.trainer.fit(await collections(), { steps, batchSize: 2 });
      const parts = Object.keys((await gan.trainer.snapshot()).parts['memory'] ?? {});
      expect(parts.some((name) => name.includes('pool'))).toBe(poolSize > 0);
      const weights = weightsOf(gan.discriminators.b.model);
      gan.dispose();
      return weights;
    };
    // A pool that is not full yet returns what it is given.
    expect(await run(0, 2)).toEqual(await run(50, 2));
    expect(await run(0, 6)).not.toEqual(await run(2, 6));
  });

  test('saves both translators under inputs that its grids find in the data', async () => {
    const before = tf.memory().numTensors;
    const gan = cycleGan();
    const { aToB, bToA } = gan.generators;
    expect([aToB, bToA].map(({ generator }) => Object.keys(generator.inputs))).toEqual([
      ['a'],
      ['b'],
    ]);
    const saved = await savedBy((handler) => bToA.save(handler));
    const loaded = await Translator.load(tf.io.fromMemory(saved));
    tf.tidy(() => {
      const picture = tf.randomUniform<tf.Rank.R3>([16, 16, 3], -1, 1, 'float32', 1);
      const [first, second] = [bToA.translate(picture), loaded.translate(picture)];
      expect(second.dataSync()).toEqual(first.dataSync());
    });
    gan.dispose();
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each<[string, object, string]>([
    ['an unknown option', { lambda: 1 }, "got 'lambda'"],
    [
      'an identity term of sets with different channels',
      { identityWeight: 5 },
      'identityWeight must be 0 for sets with different numbers of channels',
    ],
    [
      'a pool of half a place',
      { poolSize: 0.5 },
      'poolSize must be an integer of at least 0, got 0.5',
    ],
    [
      'sets of two sizes',
      { shapes: { a: [16, 16, 1], b: [32, 32, 1] } },
      'shapes.a and shapes.b must have one height and one width, got [16, 16, 1] and [32, 32, 1]',
    ],
    [
      'one set',
      { shapes: { a: [16, 16, 1] } },
      'shapes.b must be [height, width, channels], got undefined',
    ],
    [
      'optimizers of other names',
      { optimizers: { generator: adam() } },
      "optimizers must have only the names generators, discriminators, got 'generator'",
    ],
    [
      'a loss that is none',
      { loss: 'hinge' },
      'loss must be a Loss with the functions discriminator',
    ],
  ])('is refused with %s', (_, options, message) => {
    const before = tf.memory().numTensors;
    expect(() => cycleGan(options)).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses pairs of the wrong kind, and sets of another size', async () => {
    using gan = cycleGan();
    const run = { steps: 1, batchSize: 2 };
    await expect(gan.trainer.fit(await pairs(), run)).rejects.toThrow(
      "must return batches with 'a', which the game 'cycleGan' requires, got samples and source only",
    );
    const swapped = unpaired({ a: await set(10, 3, 1), b: await set(10, 1, 1) });
    await expect(gan.trainer.fit(swapped, run)).rejects.toThrow('Are a and b swapped?');
  });
});
