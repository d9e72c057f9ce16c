import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { datasetFromArray } from '../../src/data/from-array.ts';
import { datasetFromTensor } from '../../src/data/from-tensor.ts';
import type { BatchesOptions, Dataset } from '../../src/data/dataset.ts';
import { classifierScore } from '../../src/metrics/classifier-score.ts';
import { evaluate } from '../../src/metrics/evaluate.ts';
import { featureExtractor } from '../../src/metrics/features/make-extractor.ts';
import { frechetDistance } from '../../src/metrics/frechet-distance.ts';
import type { Metric } from '../../src/metrics/metric.ts';
import { precisionRecall } from '../../src/metrics/precision-recall.ts';
import { Random } from '../../src/core/random.ts';
import type { ClassInputs } from '../../src/models/conditioning.ts';
import { Generator } from '../../src/models/generator.ts';
import { mlpGenerator } from '../../src/models/mlp/mlp-generator.ts';
import { ring8 } from '../../src/data/ring8.ts';
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';
import { expectNear, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

const rows = featureExtractor((images) => tf.tidy(() => tf.mean(images, [2, 3])), {
  name: 'means of rows',
  inputShape: [8, 8, 1],
});
const points = featureExtractor((samples) => samples, { name: 'points', inputShape: [2] });
const rowsSeen: Metric = (real, fake) => ({ real: real.shape[0], fake: fake.shape[0] });

describe('evaluate', () => {
  test('says mean and deviation over seeds, and what they depend on', async () => {
    const { generator } = tinyDcgan();
    const report = await evaluate(generator, blobs(40), {
      features: rows,
      samples: 40,
      seeds: [5, 7],
    });
    expect(report).toMatchObject({
      samples: 40,
      realSamples: 40,
      seeds: [5, 7],
      extractor: 'means of rows',
      dataset: 'blobs',
    });
    expect(Object.keys(report.figures)).toEqual(
      ['frechet', 'prdc.precision', 'prdc.recall', 'prdc.density', 'prdc.coverage'], // prettier-ignore
    );
    const { mean, deviation, values } = report.figures['frechet']!;
    const [first = NaN, second = NaN] = values;
    expectNear(mean, (first + second) / 2, 1e-12);
    expectNear(deviation, Math.abs(first - second) / Math.SQRT2, 1e-9);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('judges the samples of generator.sample, as one would by hand', async () => {
    const { generator } = tinyDcgan();
    const dataset = blobs(300);
    const report = await evaluate(generator, dataset, {
      features: rows,
      samples: 300,
      seeds: [3],
      metrics: { frechet: frechetDistance, prdc: (real, fake) => precisionRecall(real, fake) },
    });
    const fake = rows.extract(generator.sample(300, { seed: 3 })).features;
    const batches: tf.Tensor[] = [];
    for await (const { samples } of dataset.batches({ batchSize: 300 })) batches.push(samples);
    const real = rows.extract(batches[0]!).features;
    expectNear(report.figures['frechet']!.mean, await frechetDistance(real, fake), 1e-4);
    const { coverage } = await precisionRecall(real, fake);
    expect(report.figures['prdc.coverage']!.values).toEqual([coverage]);
  });

  test.each([
    { size: 1_003, samples: 2_000, real: 1_003 },
    { size: 1_003, samples: 1_003, real: 1_003 },
    { size: 1_003, samples: 700, real: 700 },
    { size: 30, samples: 31, real: 30 },
  ])(
    'compares with $real of $size real samples if $samples are requested',
    async ({ size, samples, real }) => {
      const report = await evaluate(
        mlpGenerator({ sampleShape: [2], latentSize: 2 }),
        ring8({ size }),
        {
          features: points,
          samples,
          seeds: 1,
          metrics: { rows: rowsSeen },
        },
      );
      expect(report.realSamples).toBe(real);
      expect(report.figures['rows.real']!.mean).toBe(real);
      expect(report.figures['rows.fake']).toEqual({
        mean: samples,
        deviation: 0,
        values: [samples],
      });
    },
  );

  test('sees every sample once if it takes all of them', async () => {
    const values = Array.from({ length: 263 }, (_, i) => [i, -i]);
    const dataset = datasetFromArray(values);
    const sums: number[] = [];
    await evaluate(mlpGenerator({ sampleShape: [2], latentSize: 2 }), dataset, {
      features: points,
      samples: 263,
      seeds: 1,
      metrics: {
        sum: async (real) => {
          sums.push(...[...(await real.data())].filter((_, i) => i % 2 === 0));
          return 0;
        },
      },
    });
    expect(sums.sort((a, b) => a - b)).toEqual(values.map(([i]) => i));
  });

  test('takes a dataset that does not know its size', async () => {
    const unsized: Dataset = { ...blobs(500), size: undefined };
    const report = await evaluate(tinyDcgan().generator, unsized, {
      features: rows,
      samples: 260,
      seeds: 1,
      metrics: { rows: rowsSeen },
    });
    // Batches of 250 are all that such a dataset promises.
    expect(report.realSamples).toBe(260);
  });

  test('draws from an endless dataset by the seed', async () => {
    const passes: BatchesOptions[] = [];
    const endless: Dataset = {
      ...blobs(),
      size: Infinity,
      batches: (options) => {
        passes.push(options);
        return blobs(10_000).batches(options);
      },
    };
    const report = await evaluate(endless, blobs(400), {
      features: rows,
      samples: 300,
      seeds: [7],
      metrics: { rows: rowsSeen },
    });
    expect(report.realSamples).toBe(300);
    expect(passes).toEqual([{ batchSize: 250, seed: 7 }]);
  });

  test('scales samples of a known range to the extractor’s', async () => {
    const bytes = featureExtractor((images) => tf.tidy(() => tf.mean(images, [2, 3])), {
      name: 'bytes',
      inputShape: [8, 8, 1],
      valueRange: [0, 255],
    });
    const dataset = await datasetFromTensor(tf.fill([20, 8, 8, 1], 0.5), { valueRange: [-1, 1] });
    const seen: number[] = [];
    const means: Metric = async (real, fake) => {
      seen.push((await real.mean().data())[0]!, (await fake.min().data())[0]!);
      return 0;
    };
    await evaluate(tinyDcgan().generator, dataset, {
      features: bytes,
      samples: 20,
      seeds: 1,
      metrics: { means },
    });
    expect(seen[0]).toBeCloseTo(191.25, 3);
    expect(seen[1]).toBeGreaterThan(0);
  });

  test('shows logits to logit metrics', async () => {
    const sure = featureExtractor(
      (images) =>
        tf.tidy(() => [
          tf.mean(images, [2, 3]),
          tf
            .oneHot(
              Array.from({ length: images.shape[0] }, (_, i) => i % 4),
              4,
            )
            .mul(100),
        ]),
      { name: 'sure', inputShape: [8, 8, 1] },
    );
    const options = {
      samples: 40,
      seeds: 1,
      metrics: {},
      logitMetrics: { score: classifierScore },
    };
    const report = await evaluate(tinyDcgan().generator, blobs(), { features: sure, ...options });
    expectNear(report.figures['score.mean']!.mean, 4);
    await expect(
      evaluate(tinyDcgan().generator, blobs(), { features: rows, ...options }),
    ).rejects.toThrow(
      "Cannot evaluate: 'score' must have an extractor with logits, got 'means of rows', which has none",
    );
  });

  test('leaves no tensors behind, even if a metric fails', async () => {
    const { generator } = tinyDcgan();
    const options = { features: rows, samples: 40, seeds: 2 };
    // The generator keeps prepared weights from the second call on.
    await evaluate(generator, blobs(), options);
    expect(await tensorsLeft(() => evaluate(generator, blobs(), options))).toBe(0);
    const fails: Metric = () => Promise.reject(new Error('no'));
    const failing = (): Promise<unknown> =>
      evaluate(generator, blobs(), { ...options, metrics: { fails } }).catch(
        (error: unknown) => error,
      );
    expect(await tensorsLeft(failing)).toBe(0);
  });

  test.each([
    [
      { features: points },
      "the extractor 'points' must receive samples of shape [2], got [8, 8, 1]",
    ],
    [{ features: rows, samples: 0 }, 'samples must be a positive integer, got 0'],
    [{ features: rows, seeds: [] }, 'seeds must have at least one seed, got []'],
    [
      { features: rows, seeds: [-1] },
      'seed must be an integer of at least 0 and less than 2³², got -1',
    ],
    [
      { features: undefined as unknown as typeof rows },
      'features must be an extractor, got undefined. Pass mnistFeatures(), or featureExtractor(…) around a model',
    ],
  ])('refuses what does not fit: %#', async (options, message) => {
    await expect(evaluate(tinyDcgan().generator, blobs(), options)).rejects.toThrow(
      `Cannot evaluate: ${message}`,
    );
  });

  test('refuses a generator that returns no numbers', async () => {
    const { generator } = tinyDcgan();
    const [first] = generator.model.getWeights();
    generator.model.setWeights(
      generator.model.getWeights().map((w) => (w === first ? tf.fill(w.shape, NaN) : w)),
    );
    await expect(
      evaluate(generator, blobs(), { features: rows, samples: 40, seeds: 1 }),
    ).rejects.toThrow(
      'Cannot compute the Fréchet distance: fake must have finite numbers, got NaN in row 0, column 0',
    );
  });

  describe('of other real samples', () => {
    const options = { features: points, samples: 400, metrics: { frechet: frechetDistance } };
    const some = ring8({ size: 1_000, seed: 1 });

    test('returns the floor, from other samples for each seed', async () => {
      const report = await evaluate(some, ring8({ size: 400, seed: 2 }), { ...options, seeds: 3 });
      expect(report).toMatchObject({ samples: 400, realSamples: 400, seeds: [0, 1, 2] });
      const { mean, values } = report.figures['frechet']!;
      expect(new Set(values).size).toBe(3);
      // An untrained generator is far off.
      using generator = mlpGenerator({ sampleShape: [2], latentSize: 2 });
      const untrained = await evaluate(generator, some, { ...options, seeds: 1 });
      expect(untrained.figures['frechet']!.mean).toBeGreaterThan(20 * mean);
    });

    test('judges just the samples a seed draws', async () => {
      const seen: number[][] = [];
      const look: Metric = async (_, fake) => {
        seen.push([...(await fake.data())]);
        return 0;
      };
      await evaluate(some, ring8({ size: 400 }), { ...options, seeds: [7], metrics: { look } });
      const drawn: number[] = [];
      for await (const { samples, labels } of some.batches({ batchSize: 250, seed: 7 })) {
        drawn.push(...(await samples.data()));
        tf.dispose([samples, labels!]);
      }
      expect(seen).toEqual([drawn.slice(0, 800)]);
    });

    test('leaves no tensors behind', async () => {
      const judge = (): Promise<unknown> => evaluate(some, ring8({ size: 400 }), options);
      expect(await tensorsLeft(judge)).toBe(0);
    });

    test('refuses the same samples, and too few', async () => {
      await expect(evaluate(some, some, options)).rejects.toThrow(
        "Cannot evaluate: real samples must be compared with other ones, got 'ring8' twice. " +
          'Pass two parts of it, such as data.slice(0, 5_000) and data.slice(5_000)',
      );
      await expect(
        evaluate(some, ring8({ size: 400 }), { ...options, samples: 1_001 }),
      ).rejects.toThrow(
        "Cannot evaluate: the samples to evaluate must be at least 1001, got the 1000 of 'ring8'. " +
          'Pass samples: 1000 here and to the evaluation that is compared with the floor',
      );
      await expect(evaluate(blobs(40), some, { ...options, samples: 40 })).rejects.toThrow(
        "Cannot evaluate: the extractor 'points' must receive samples of shape [2], got [8, 8, 1]",
      );
    });
  });
});

describe('evaluate, class by class', () => {
  const centers = [
    [-1, 0],
    [1, 0],
    [0, 2],
  ];

  /** Points around three centers; of the generator's classes, 1 and 2 are swapped if requested. */
  function classes(swapped = false): Generator<ClassInputs> {
    const latents = tf.input({ shape: [2] });
    const labels = tf.input({ shape: [1], dtype: 'int32' });
    const layer = tf.layers.embedding({ inputDim: 3, outputDim: 2 });
    const center = tf.layers.flatten().apply(layer.apply(labels)) as tf.SymbolicTensor;
    const small = tf.layers.rescaling({ scale: 0.1 }).apply(latents) as tf.SymbolicTensor;
    const outputs = tf.layers.add().apply([small, center]) as tf.SymbolicTensor;
    const places = swapped ? [centers[0]!, centers[2]!, centers[1]!] : centers;
    layer.setWeights([tf.tensor2d(places)]);
    return new Generator({
      model: tf.model({ inputs: [latents, labels], outputs }),
      inputs: { latents: 2, labels: { classes: 3 } },
      ownsModel: true,
    });
  }

  const noise = new Random(5).normalArray(1200);
  const rows = Array.from({ length: 600 }, (_, i) =>
    centers[i % 3]!.map((center, axis) => center + 0.1 * noise[2 * i + axis]!),
  );
  const labels = rows.map((_, i) => i % 3);
  const data = datasetFromArray(rows, { labels, name: 'three' });
  const asked = { features: points, samples: 600, seeds: [1], metrics: {} };

  test('says how good each class is', async () => {
    using generator = classes();
    const { figures, classes: byClass } = await evaluate(generator, data, asked);
    expect(figures['ganTrain']!.mean).toBe(1);
    expect(figures['ganTest']!.mean).toBe(1);
    expect(byClass!.frechet).toHaveLength(3);
    for (const { mean } of byClass!.frechet) expect(mean).toBeLessThan(0.01);
    expect(byClass!.ganTrain.map(({ mean }) => mean)).toEqual([1, 1, 1]);
  });

  test('finds the classes that are swapped', async () => {
    using generator = classes(true);
    const { figures, classes: byClass } = await evaluate(generator, data, asked);
    expect(byClass!.ganTest.map(({ mean }) => mean)).toEqual([1, 0, 0]);
    expect(byClass!.ganTrain.map(({ mean }) => mean)).toEqual([1, 0, 0]);
    expect(figures['ganTest']!.mean).toBeGreaterThan(0.2);
    expect(figures['ganTest']!.mean).toBeLessThan(0.45);
    // From (1, 0) to (0, 2): a squared distance of 5.
    expect(Math.abs(byClass!.frechet[1]!.mean - 5)).toBeLessThan(0.2);
  });

  test('does so for real samples against others, which is the ceiling', async () => {
    const { classes: byClass } = await evaluate(data.slice(0, 300), data.slice(300), {
      ...asked,
      samples: 300,
    });
    expect(byClass!.ganTest.map(({ mean }) => mean)).toEqual([1, 1, 1]);
  });

  test('is left out if that is asked, and refused if it cannot be', async () => {
    using generator = classes();
    expect(await evaluate(generator, data, { ...asked, perClass: false })).not.toHaveProperty('classes'); // prettier-ignore
    await expect(
      evaluate(generator, datasetFromArray(rows), { ...asked, perClass: true }),
    ).rejects.toThrow('perClass must be used with labels in samples and data');
  });

  test('leaves no tensors behind', async () => {
    using generator = classes();
    expect(await tensorsLeft(() => evaluate(generator, data, asked))).toBe(0);
  });
});
