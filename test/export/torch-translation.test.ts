import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linearDecay, RelativisticLoss, sgd, SpectralNorm } from 'tfjs-gan';
import { exportTorchTraining } from 'tfjs-gan/export';
import {
  createCycleGan,
  type CreateCycleGanOptions,
  createInpaintingGan,
  type CreateInpaintingGanOptions,
  createPix2pix,
  createSrgan,
} from 'tfjs-gan/image-to-image';
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
  restored,
  train,
} from './torch-training.ts';

const shapes = { sourceShape: [16, 16, 1], targetShape: [16, 16, 3] } as const;
const ofPairs = (create: Recipe['create'], more: Partial<Recipe> = {}): Recipe => ({
  create,
  sampleShape: shapes.targetShape,
  beside: { source: picturesOf(shapes.sourceShape) },
  ...more,
});
const enlarged = (create: Recipe['create']): Recipe => ({
  create,
  sampleShape: [16, 16, 1],
  beside: { source: picturesOf([8, 8, 1]) },
});

const slow = sgd({ learningRate: 0.01 });
const slower = sgd({ learningRate: 1e-4 });
/**
 * Instance norm of even surfaces multiplies rounding: a weight that differs by 2e-7 changes losses by 1e-3 eight steps later, here
 * as well. So few steps are compared.
 */
const twoSets = (
  count: number,
  options: Partial<CreateCycleGanOptions>,
  more: Partial<Recipe>,
): Recipe => ({
  create: () =>
    createCycleGan({
      shapes: { a: [16, 16, 1], b: [16, 16, 1] },
      baseFilters: 4,
      blocks: 1,
      // A bias before instance norm has the gradient 0, of which Adam makes steps of rounding.
      optimizers: { generators: slower, discriminators: slower },
      ...options,
    }),
  sampleShape: [16, 16, 1],
  beside: { b: picturesOf([16, 16, 1], count) },
  isUnpaired: true,
  ...more,
});
const withHoles = (
  options: Partial<CreateInpaintingGanOptions>,
  more: Partial<Recipe> = {},
): Recipe => ({
  create: () =>
    createInpaintingGan({
      imageShape: [16, 16, 1],
      baseFilters: 4,
      discriminatorFilters: 4,
      ...options,
    }),
  sampleShape: [16, 16, 1],
  ...more,
});

const withDropout = 'of a pix2pix with dropout, from PNG files';
const withPool = 'of a CycleGAN with a pool, on sets of two sizes';
const withStrokes = 'that fills boxes and strokes';
/** Masks as pictures have them: the upper rows of the first, fewer of the next. */
const holes = Uint8Array.from({ length: 80 * 256 }, (_, i) =>
  Math.floor((i % 256) / 16) < 3 + (Math.floor(i / 256) % 9) ? 255 : 0,
);

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
        optimizers: { generator: slow, discriminator: slow },
      }),
    { more: 2 },
  ),
  'of a pix2pix by L1 alone': ofPairs(() =>
    createPix2pix({ ...shapes, baseFilters: 4, adversarialWeight: 0 }),
  ),
  // The second set begins anew within the pass.
  [withPool]: twoSets(48, { poolSize: 20 }, { first: 3, more: 2 }),
  // The first set begins anew within the pass, and then the next pass.
  'of a CycleGAN without pool, with an average, into its second pass': twoSets(
    96,
    { poolSize: 0, identityWeight: 0, ema: { halfLife: 100 } },
    { first: 5, more: 2 },
  ),
  [withStrokes]: withHoles({ hole: { box: [6, 5], strokes: 2 } }),
  'that fills holes in the center': withHoles({ hole: { place: 'center' } }),
  'that fills holes of the data': withHoles(
    { hole: 'batch' },
    { beside: { hole: { shape: [16, 16, 1], values: holes } } },
  ),
  'of an SRGAN with spectral norm, through both phases': enlarged(() =>
    createSrgan({
      imageShape: [16, 16, 1],
      scale: 2,
      baseFilters: 4,
      contentSteps: 4,
      rampSteps: 3,
      constraints: [new SpectralNorm()],
      optimizers: { generator: slow, discriminator: slow },
    }),
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

/** Each process draws its rows of the masks, or exchanges pictures with a pool that both have. */
const parted = [withDropout, withPool];

/** Pictures in pools, and vectors of spectral norm, which multiply rounding, differ more than weights. */
function boundOfParts(name: string): number {
  return name === withPool || name.startsWith('that fills') ? 1e-4 : 1e-6;
}

describe.skipIf(!hasPythonModule('torch'))('train.py of translators (needs python3-torch)', () => {
  let runs: ContinuedRuns;
  /** Runs that two processes continue. */
  let shared: readonly PreparedRun[];
  catchWarnings();

  beforeAll(async () => {
    await wasmTrain({ threads: 1 }).activate();
    ({ runs, copies: shared } = await ContinuedRuns.of(recipes, ...parted));
  });
  afterAll(async () => {
    await runs.remove();
  });

  test.each(Object.keys(recipes))('continues a run %s as a trainer does', async (name) => {
    expect(runs.errorOf(name)).toBeNull();
    await expectContinued(runs.run(name), boundOfParts(name));
  });

  test.each([...parted.entries()])(
    'two processes continue run %i, %s, as a trainer does',
    async (i, name) => {
      const { code, stderr } = await train(shared[i]!, { processes: 2 });
      expect(code, stderr).toBe(0);
      await expectContinued(shared[i]!, boundOfParts(name));
    },
  );

  test('refuses batches that are larger than a set', async () => {
    const { code, stderr } = await train(shared[1]!, {
      given: ['--batch-size', '64', '--until', '99'],
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/--batch-size must be at most the samples of each set, 48, got 64/);
  });

  test('continues on two other sets, also after that', async () => {
    const run = shared[1]!;
    const names = ['--data', '--b'].map((name, i) => [name, join(run.folder, `other-${i}.npy`)]);
    for (const [i, count] of [64, 112].entries()) {
      const { values } = picturesOf([16, 16, 1], count);
      await writeFile(names[i]![1]!, npy([count, 16, 16, 1], values));
    }
    const given = [...names.flat(), '--other-data'];
    for (const until of ['7', '14']) {
      const { code, stderr } = await train(run, { given: [...given, '--until', until] });
      expect(code, stderr).toBe(0);
    }
    const { description, step, cursor } = await restored(run);
    expect(description.data).toMatchObject({
      name: 'unpaired(a: other-0.npy, b: other-1.npy)',
      size: 112,
    });
    // Step 6 begins a pass of seven batches over the new data.
    expect([step, cursor.batch]).toEqual([14, 2]);
  });
});

describe('exportTorchTraining of translators', () => {
  test('refuses a network that the program does not know', async () => {
    const features = { model: classifier() };
    using gan = createSrgan({ imageShape: [16, 16, 1], scale: 2, baseFilters: 4, features });
    await expect(exportTorchTraining(gan.trainer)).rejects.toThrow(
      'the networks of the game must be generator, discriminator, got features beside them',
    );
    features.model.dispose();
  });
});

function classifier(): tf.LayersModel {
  const layers = [tf.layers.flatten({ inputShape: [16, 16, 1] }), tf.layers.dense({ units: 2 })];
  return tf.sequential({ layers });
}
