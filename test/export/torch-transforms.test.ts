import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adaptiveAugment,
  createDcgan,
  createMlpGan,
  createWganGp,
  dcganGenerator,
  diffAugment,
  Discriminator,
  Gan,
  HingeLoss,
  instanceNoise,
  linearDecay,
  MinibatchDeviation,
  packing,
  R1Penalty,
  RelativisticLoss,
  sgd,
  Trainer,
} from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { catchWarnings } from '../support/catch-warnings.ts';
import { hasPythonModule } from './python.ts';
import {
  ContinuedRuns,
  expectContinued,
  type PreparedRun,
  type Recipe,
  train,
} from './torch-training.ts';

const images = { imageShape: [8, 8, 3] as const, baseFilters: 4, latentSize: 6 };
const ofImages = (create: Recipe['create'], more: Partial<Recipe> = {}): Recipe => ({
  create,
  sampleShape: [8, 8, 3],
  ...more,
});

/** A discriminator of pairs that also compares the samples of a group, behind all that may be done to them. */
function ofPairs(): Gan {
  const generator = dcganGenerator({ ...images, seed: 3 });
  const seeded = tf.initializers.glorotUniform({ seed: 5 });
  const layers = [
    tf.layers.conv2d({
      inputShape: [8, 8, 6],
      filters: 4,
      kernelSize: 3,
      strides: 2,
      activation: 'elu',
      kernelInitializer: seeded,
    }),
    new MinibatchDeviation(),
    tf.layers.flatten(),
    tf.layers.dense({ units: 1, kernelInitializer: seeded }),
  ];
  const discriminator = new Discriminator({ model: tf.sequential({ layers }) });
  const trainer = new Trainer({
    generator,
    discriminator,
    loss: new HingeLoss(),
    penalties: [new R1Penalty({ weight: 1 })],
    transforms: [
      diffAugment(),
      packing(2),
      instanceNoise({ deviation: linearDecay({ from: 0.1 }) }),
    ],
    topK: 0.4,
  });
  return new Gan({ generator, discriminator, trainer });
}

/** A relativistic loss gives the last bias the gradient 0, of which Adam makes steps of rounding. */
const slow = sgd({ learningRate: 0.01 });

const pairs = 'of augmented pairs with noise, minibatch deviation, R1 and the best fake samples';

/** Runs with transforms. */
const recipes: Readonly<Record<string, Recipe>> = {
  'with diffAugment and the best half of the fake samples': ofImages(() =>
    createDcgan({ ...images, transforms: [diffAugment()], topK: 0.5 }),
  ),
  'with diffAugment of a WGAN-GP on odd gray images': {
    create: () =>
      createWganGp({
        ...images,
        imageShape: [12, 10, 1],
        transforms: [diffAugment({ policy: ['translation', 'cutout', 'color'] })],
      }),
    sampleShape: [12, 10, 1],
  },
  'of packed vectors with noise, compared in pairs': {
    create: () =>
      createMlpGan({
        sampleShape: [6],
        hiddenUnits: [12],
        latentSize: 4,
        loss: new RelativisticLoss(),
        transforms: [packing(2), instanceNoise()],
        optimizers: { generator: slow, discriminator: slow },
        topK: linearDecay({ from: 1, to: 0.5 }),
      }),
    sampleShape: [6],
    more: 2,
  },
  [pairs]: ofImages(ofPairs),
  'with adaptive augmentation': ofImages(
    () =>
      createDcgan({
        ...images,
        transforms: [adaptiveAugment({ target: -0.9, rampSamples: 200 })],
      }),
    { first: 9, more: 6 },
  ),
  'with flips and turns of half of the gray images': {
    create: () =>
      createDcgan({
        ...images,
        imageShape: [8, 8, 1],
        transforms: [adaptiveAugment({ probability: 0.5, policy: ['blit', 'color'] })],
      }),
    sampleShape: [8, 8, 1],
  },
};

describe.skipIf(!hasPythonModule('torch'))('train.py with transforms (needs python3-torch)', () => {
  let runs: ContinuedRuns;
  /** A run that two processes continue. */
  let shared: PreparedRun | undefined;
  catchWarnings();

  beforeAll(async () => {
    await wasmTrain({ threads: 1 }).activate();
    ({
      runs,
      copies: [shared],
    } = await ContinuedRuns.of(recipes, pairs));
  });
  afterAll(async () => {
    await runs.remove();
  });

  test.each(Object.keys(recipes))('continues a run %s as a trainer does', async (name) => {
    expect(runs.errorOf(name)).toBeNull();
    await expectContinued(runs.run(name));
  });

  test('continues pairs as a trainer does on two processes, each with half of the rows', async () => {
    const { code, stderr } = await train(shared!, { processes: 2 });
    expect(code, stderr).toBe(0);
    await expectContinued(shared!);
  });

  test('refuses processes that would have to share a pair', async () => {
    const { code, stderr } = await train(shared!, {
      processes: 2,
      given: ['--batch-size', '10', '--until', '99'],
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/--batch-size must be a multiple of the 4 .* got 10/);
  });
});
