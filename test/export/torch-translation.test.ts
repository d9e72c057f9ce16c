import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linearDecay, RelativisticLoss, sgd, SpectralNorm } from 'tfjs-gan';
import { exportTorchTraining } from 'tfjs-gan/export';
import { createCycleGan, createPix2pix, createSrgan } from 'tfjs-gan/image-to-image';
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

const shapes = { sourceShape: [16, 16, 1], targetShape: [16, 16, 3] } as const;
const ofPairs = (create: Recipe['create'], more: Partial<Recipe> = {}): Recipe => ({
  create,
  sampleShape: shapes.targetShape,
  sourceShape: shapes.sourceShape,
  ...more,
});
const enlarged = (create: Recipe['create']): Recipe => ({
  create,
  sampleShape: [16, 16, 1],
  sourceShape: [8, 8, 1],
});

const withDropout = 'of a pix2pix with dropout, from PNG files';

/** Runs that translate pictures. */
const recipes: Readonly<Record<string, Recipe>> = {
  [withDropout]: ofPairs(() => createPix2pix({ ...shapes, baseFilters: 4 }), { from: 'png' }),
  'of a pix2pix with batch norm, an average and a falling weight': ofPairs(() =>
    createPix2pix({
      ...shapes,
      baseFilters: 4,
      dropout: 0,
      normalization: 'batch',
      l1Weight: linearDecay({ from: 10, to: 1 }),
      ema: { halfLife: 100 },
    }),
  ),
  'of a pix2pix with spectral norm and pairs of logits': ofPairs(
    () =>
      createPix2pix({
        ...shapes,
        baseFilters: 4,
        loss: new RelativisticLoss(),
        constraints: [new SpectralNorm()],
        optimizers: {
          generator: sgd({ learningRate: 0.01 }),
          discriminator: sgd({ learningRate: 0.01 }),
        },
      }),
    { more: 2 },
  ),
  'of a pix2pix by L1 alone': ofPairs(() =>
    createPix2pix({ ...shapes, baseFilters: 4, adversarialWeight: 0 }),
  ),
  'of an SRGAN through both phases': enlarged(() =>
    createSrgan({
      imageShape: [16, 16, 1],
      scale: 2,
      baseFilters: 4,
      contentSteps: 5,
      rampSteps: 5,
    }),
  ),
};

describe.skipIf(!hasPythonModule('torch'))('train.py of translators (needs python3-torch)', () => {
  let runs: ContinuedRuns;
  /** A run that two processes continue. */
  let shared: PreparedRun;
  catchWarnings();

  beforeAll(async () => {
    await wasmTrain({ threads: 1 }).activate();
    ({ runs, copy: shared } = await ContinuedRuns.of(recipes, withDropout));
  });
  afterAll(async () => {
    await runs.remove();
  });

  test.each(Object.keys(recipes))('continues a run %s as a trainer does', async (name) => {
    expect(runs.errorOf(name)).toBeNull();
    await expectContinued(runs.run(name));
  });

  test('continues a pix2pix as a trainer does on two processes, each with its rows of the masks', async () => {
    const { code, stderr } = await train(shared, { processes: 2 });
    expect(code, stderr).toBe(0);
    await expectContinued(shared);
  });
});

describe('exportTorchTraining of translators', () => {
  test('refuses games that the program does not know', async () => {
    using gan = createCycleGan({ shapes: { a: [16, 16, 1], b: [16, 16, 1] }, baseFilters: 4 });
    await expect(exportTorchTraining(gan.trainer)).rejects.toThrow(
      "the game must be one of adversarial, pix2pix, superResolution, got 'cycleGan'",
    );
  });
});
