import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createDcgan,
  createMlpGan,
  createSngan,
  createWganGp,
  datasetFromArray,
  type Gan,
  paired,
} from 'tfjs-gan';
import { weightsOf } from '../support/tiny-gan.ts';
import { onWasmTrain } from '../support/on-wasm-train.ts';

const image = { imageShape: [8, 8, 1], baseFilters: 2, latentSize: 4 } as const;
const once = { updatesPerStep: { discriminator: 1 } };
type Made = Gan;
type Make = (options: object) => Made;

/** Each preset, and what its loss is called. */
const presets: [name: string, make: Make, loss: string, penalties: string[]][] = [
  [
    'createMlpGan',
    (options) =>
      createMlpGan({ sampleShape: [8, 8, 1], hiddenUnits: [6], latentSize: 4, ...options }),
    'bce',
    [],
  ],
  ['createDcgan', (options) => createDcgan({ ...image, kernelSize: 3, ...options }), 'bce', []],
  [
    'createWganGp',
    (options) => createWganGp({ ...image, kernelSize: 3, ...once, ...options }),
    'wasserstein',
    ['gradientPenalty'],
  ],
  ['createSngan', (options) => createSngan({ ...image, ...once, ...options }), 'hinge', []],
  [
    'createSngan of residual networks',
    (options) => createSngan({ ...image, networks: 'resnet', ...once, ...options }),
    'hinge',
    [],
  ],
];
const methods = ['concat', 'projection', 'auxiliary'] as const;
const conditions = [
  ['classes', { classes: 3 }, 'labels'],
  ['a vector', { condition: { size: 2 } }, 'condition'],
] as const;

/** Images in −1…1 with labels and vectors. */
const images = () => {
  const rows = Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: 64 }, (__, j) => Math.sin(0.7 * i + j * (1 + (i % 3)) * 0.3)),
  );
  const labels = rows.map((_, i) => i % 3);
  const samples = datasetFromArray(rows, { labels, sampleShape: [8, 8, 1], inputRange: [-1, 1] });
  const vectors = rows.map((_, i) => [Math.cos(i), i / 12]);
  return paired({ samples, condition: datasetFromArray(vectors) });
};
const kinds = (model: tf.LayersModel): string[] =>
  model.layers.map((layer) => layer.getClassName());

describe.each(presets)('%s', (_name, make, loss, penalties) => {
  onWasmTrain();

  const cases = methods.flatMap((method) =>
    conditions.map((condition) => [method, ...condition] as const),
  );
  test.each(cases)('by %s trains with %s', async (conditioning, _, condition, input) => {
    const tensors = tf.memory().numTensors;
    const gan = make({ ...condition, conditioning });
    expect(Object.keys(gan.generator.inputs)).toEqual(['latents', input]);
    const isTold = conditioning === 'auxiliary';
    const head = input === 'labels' ? 'classes' : 'condition';
    expect(Object.keys(gan.discriminator.inputs)).toEqual(
      isTold ? ['samples'] : ['samples', input],
    );
    expect(gan.discriminator.outputs).toEqual(isTold ? ['logits', head] : ['logits']);
    const before = trainedOf(gan);
    const { steps } = await gan.trainer.fit(images(), { steps: 3, batchSize: 6 });
    for (const { losses, terms } of steps) {
      expect(Object.values(losses).every(Number.isFinite)).toBe(true);
      const told = isTold ? [`${head}/real`, `${head}/fake`] : [];
      expect(Object.keys(terms.discriminator)).toEqual([loss, ...told, ...penalties]);
      expect(Object.keys(terms.generator)).toEqual([loss, ...(isTold ? [`${head}/fake`] : [])]);
    }
    const after = trainedOf(gan);
    const still = [...after].filter(([key, values]) =>
      values.every((value, at) => value === before.get(key)![at]),
    );
    expect([...after.values()].flat().every(Number.isFinite)).toBe(true);
    // An offset of all logits is nothing to a Wasserstein loss, and to a hinge loss none while no logit leaves it.
    const moved = still.map(([key]) => key).filter((key) => !/^discriminator .*bias$/.test(key));
    expect(moved).toEqual([]);
    const samples = gan.generator.sample(2, { seed: 1 });
    expect(samples.shape).toEqual([2, 8, 8, 1]);
    samples.dispose();
    gan.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('refuses what says two things, or half of one, and leaves nothing behind', () => {
    const tensors = tf.memory().numTensors;
    const refused: [object, string][] = [
      [
        { conditioning: 'concat' },
        'conditioning must be used with classes or condition, got neither. Pass classes: 10, or leave it out',
      ],
      [
        { classes: 3, condition: { size: 2 } },
        'the condition must be classes or condition, got both',
      ],
      [{ classes: 1 }, 'classes must be at least 2, got 1. Leave it out'],
      [{ classes: 2.5 }, 'classes must be a positive integer, got 2.5'],
      [{ classes: '10' }, "classes must be a positive integer, got '10'"],
      [
        { classes: 3, conditioning: 'film' },
        "conditioning must be one of 'concat', 'projection', 'auxiliary', got 'film'",
      ],
      [{ condition: { size: 0 } }, 'condition.size must be a positive integer, got 0'],
      [{ condition: 4 }, 'condition must be an object of settings, got 4'],
      [{ condition: { length: 4 } }, "condition must have only the names size, got 'length'"],
    ];
    for (const [options, message] of refused) expect(() => make(options)).toThrow(message);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('without conditions has the first weights that it has without their names', () => {
    const [plain, named] = [
      make({}),
      make({ classes: undefined, condition: undefined, conditioning: undefined }),
    ];
    expect(weightsOf(named)).toEqual(weightsOf(plain));
    expect(named.trainer.configuration).toEqual(plain.trainer.configuration);
    plain.dispose();
    named.dispose();
  });
});

/** The weights that are trained, by name. */
function trainedOf({ generator, discriminator }: Made): Map<string, number[]> {
  return new Map(
    Object.entries({ generator, discriminator }).flatMap(([network, { model }]) =>
      model.trainableWeights.map((weight, i) => [
        `${network} ${i} ${weight.originalName}`,
        [...weight.read().dataSync()],
      ]),
    ),
  );
}

describe('by projection', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  test.each([
    ['createDcgan', presets[1]![1]],
    ['createSngan', presets[3]![1]],
    ['createSngan of residual networks', presets[4]![1]],
  ])('%s normalizes by class in the generator and projects in the discriminator', (_, make) => {
    for (const conditioning of ['projection', undefined]) {
      using gan = make({ classes: 3, conditioning });
      expect(kinds(gan.generator.model)).toContain('ConditionalBatchNorm');
      expect(kinds(gan.generator.model)).not.toContain('OneHot');
      expect(kinds(gan.discriminator.model)).toContain('ProjectionHead');
    }
    using joined = make({ classes: 3, conditioning: 'concat' });
    expect(kinds(joined.generator.model)).not.toContain('ConditionalBatchNorm');
    expect(kinds(joined.discriminator.model)).not.toContain('ProjectionHead');
  });

  test('without batch norm the generator is given the class beside its latents', () => {
    using gan = createDcgan({ ...image, classes: 3, normalization: 'none' });
    expect(kinds(gan.generator.model)).not.toContain('ConditionalBatchNorm');
    const [two, one] = [2, 1].map((labels) =>
      tf.tidy(() => [...gan.generator.sample(1, { seed: 1, labels }).dataSync()]),
    );
    expect(two).not.toEqual(one);
  });

  test('createSngan holds the embeddings of the head at one, as its kernels', async () => {
    using gan = createSngan({ ...image, ...once, classes: 3 });
    const { steps } = await gan.trainer.fit(images(), { steps: 2, batchSize: 6 });
    const names = Object.keys(steps.at(-1)!.constraintMetrics.discriminator);
    expect(names.filter((name) => name.endsWith('embeddings'))).toHaveLength(1);
    expect(names.some((name) => name.includes('projection') && name.endsWith('kernel'))).toBe(true);
  });

  test('createWganGp weighs the head of the generator by a tenth', () => {
    using gan = createWganGp({ ...image, kernelSize: 3, classes: 3, conditioning: 'auxiliary' });
    expect(gan.trainer.configuration).toMatchObject({
      heads: 'classes',
      'auxiliaryWeights.generator': 0.1,
      'auxiliaryWeights.discriminator': 1,
    });
  });
});
