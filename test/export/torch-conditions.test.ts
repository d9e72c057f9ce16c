import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adaptiveAugment,
  createDcgan,
  createInfoGan,
  createMlpGan,
  createSngan,
  Discriminator,
  FeatureMatching,
  Gan,
  Generator,
  linearDecay,
  R1Penalty,
  Trainer,
} from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { catchWarnings } from '../support/catch-warnings.ts';
import { hasPythonModule } from './python.ts';
import {
  ContinuedRuns,
  expectContinued,
  npy,
  picturesOf,
  type PreparedRun,
  type Recipe,
  train,
  vectorsOf,
} from './torch-training.ts';

const images = { imageShape: [8, 8, 1] as const, baseFilters: 4, latentSize: 6 };
const ofImages = (create: Recipe['create'], more: Partial<Recipe> = {}): Recipe => ({
  create,
  sampleShape: [8, 8, 1],
  ...more,
});
const vectors = { sampleShape: [6], hiddenUnits: [12, 16], latentSize: 4 };
const conditioned = (
  options: Parameters<typeof createMlpGan>[0],
  more: Partial<Recipe>,
): Recipe => ({ create: () => createMlpGan(options), sampleShape: [6], ...more });

/** Numbers from a prior for fake samples, and, if they have any, from the data for real ones; logits that come second. */
function ofDrawnNumbers(): Gan {
  const seeded = (seed: number): ReturnType<typeof tf.initializers.glorotUniform> =>
    tf.initializers.glorotUniform({ seed });
  const [latents, condition] = [tf.input({ shape: [4] }), tf.input({ shape: [3] })];
  const joined = tf.layers.concatenate().apply([latents, condition]) as tf.SymbolicTensor;
  const made = tf.layers.dense({ units: 6, activation: 'tanh', kernelInitializer: seeded(1) });
  const generator = new Generator({
    model: tf.model({
      inputs: [latents, condition],
      outputs: made.apply(joined) as tf.SymbolicTensor,
    }),
    inputs: {
      latents: { kind: 'latents' },
      condition: { kind: 'condition', source: 'normal' },
    },
  });
  const samples = tf.input({ shape: [6] });
  const hidden = tf.layers.dense({ units: 8, activation: 'elu', kernelInitializer: seeded(2) });
  const between = hidden.apply(samples) as tf.SymbolicTensor;
  const outputs = [3, 1].map((units) =>
    tf.layers.dense({ units, kernelInitializer: seeded(units) }).apply(between),
  ) as tf.SymbolicTensor[];
  const discriminator = new Discriminator({
    model: tf.model({ inputs: samples, outputs }),
    outputs: ['condition', 'logits'],
  });
  return new Gan({
    generator,
    discriminator: discriminator as unknown as Gan['discriminator'],
    trainer: new Trainer({ generator, discriminator }),
  });
}

const infoGan = 'of an InfoGAN';
const drawn = 'with numbers from a prior, and those of real samples';
const classified = 'with an auxiliary classifier, a scheduled weight and R1';
const features = 'with features behind heads';

/** Runs with conditions, and with batches that are accumulated. */
const recipes: Readonly<Record<string, Recipe>> = {
  [classified]: ofImages(
    () =>
      createDcgan({
        ...images,
        classes: 3,
        conditioning: 'auxiliary',
        auxiliaryWeights: { generator: linearDecay({ from: 1 }), discriminator: 0.5 },
        penalties: [new R1Penalty({ every: 2 })],
      }),
    { classes: 3 },
  ),
  [infoGan]: ofImages(() =>
    createInfoGan({
      ...images,
      denseUnits: 16,
      codes: { categorical: [3, 2], continuous: 2 },
      informationWeight: 0.5,
    }),
  ),
  'of an InfoGAN with continuous codes alone': ofImages(() =>
    createInfoGan({ ...images, denseUnits: 16, codes: { continuous: 2 } }),
  ),
  'with vectors by projection': conditioned(
    { ...vectors, condition: { size: 3 } },
    { beside: { condition: vectorsOf(3) } },
  ),
  'with vectors that are joined': conditioned(
    { ...vectors, condition: { size: 3 }, conditioning: 'concat' },
    { beside: { condition: vectorsOf(3) } },
  ),
  'with vectors that the discriminator predicts': conditioned(
    { ...vectors, condition: { size: 3 }, conditioning: 'auxiliary' },
    { beside: { condition: vectorsOf(3) } },
  ),
  'with numbers from a prior': { create: ofDrawnNumbers, sampleShape: [6] },
  [drawn]: { create: ofDrawnNumbers, sampleShape: [6], beside: { condition: vectorsOf(3) } },
  'with vectors of bytes': conditioned(
    { ...vectors, condition: { size: 3 } },
    { beside: { condition: picturesOf([3]) } },
  ),
  'with accumulated batches, classes and adaptive augmentation': ofImages(
    () =>
      createDcgan({
        ...images,
        classes: 3,
        accumulate: 2,
        penalties: [new R1Penalty({ every: 2 })],
        transforms: [adaptiveAugment({ target: -0.9, rampSamples: 200 })],
        ema: { halfLife: 100 },
      }),
    { classes: 3, first: 4, more: 6 },
  ),
  'of an SNGAN that accumulates': ofImages(
    () => createSngan({ ...images, updatesPerStep: { discriminator: 2 }, accumulate: 2 }),
    { more: 2 },
  ),
};

/** A run with a penalty on features, which may be those of a head. */
const ofFeatures = ofImages(
  () =>
    createDcgan({
      ...images,
      classes: 3,
      conditioning: 'auxiliary',
      penalties: [new FeatureMatching()],
    }),
  { classes: 3, first: 1, more: 1 },
);

describe.skipIf(!hasPythonModule('torch'))('train.py with conditions (needs python3-torch)', () => {
  let runs: ContinuedRuns;
  /** A run that two processes continue. */
  let shared: PreparedRun | undefined;
  catchWarnings();

  beforeAll(async () => {
    await wasmTrain({ threads: 1 }).activate();
    ({
      runs,
      copies: [shared],
    } = await ContinuedRuns.of({ ...recipes, [features]: ofFeatures }, infoGan));
  });
  afterAll(async () => {
    await runs.remove();
  });

  test.each(Object.keys(recipes))('continues a run %s as a trainer does', async (name) => {
    expect(runs.errorOf(name)).toBeNull();
    await expectContinued(runs.run(name));
  });

  test('continues an InfoGAN as a trainer does on two processes, each with half of the codes', async () => {
    const { code, stderr } = await train(shared!, { processes: 2 });
    expect(code, stderr).toBe(0);
    await expectContinued(shared!);
  });

  test('refuses features of a discriminator with heads', () => {
    expect(runs.errorOf(features)).toMatch(
      /featureMatching must be used with a discriminator without heads, got classes\. Return the features/,
    );
  });

  test.each<[string, string, (run: PreparedRun) => readonly string[], RegExp]>([
    [
      'without its vectors',
      'with vectors by projection',
      () => [],
      /--condition must be given for a run with vectors/,
    ],
    [
      'without the numbers of real samples',
      drawn,
      () => [],
      /--condition must be given for a run with vectors/,
    ],
    [
      'with labels beyond its classes',
      classified,
      ({ folder }) => ['--labels', join(folder, 'many.npy')],
      /--labels must hold classes from 0 to 2, got 79/,
    ],
    [
      'with labels in a folder',
      classified,
      ({ folder }) => ['--labels', folder],
      /--labels must be a .npy file or an IDX file of bytes, got the folder/,
    ],
    [
      'with masks that it does not use',
      infoGan,
      ({ folder }) => ['--hole', join(folder, 'many.npy')],
      /--hole must be left out of a run without holes of the data, got/,
    ],
  ])('refuses data %s', async (_, name, given, why) => {
    const run = runs.run(name);
    const recipe = { ...run.recipe, beside: undefined };
    await writeFile(
      join(run.folder, 'many.npy'),
      npy(
        [80],
        Uint8Array.from({ length: 80 }, (_, i) => i),
      ),
    );
    const { code, stderr } = await train({ ...run, recipe, until: 99 }, { given: given(run) });
    expect([code, stderr]).toEqual([1, expect.stringMatching(why)]);
  });
});
