import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  adam,
  BceLoss,
  clipGradients,
  cosineDecay,
  createDcgan,
  createMlpGan,
  createR3gan,
  createSngan,
  createWganGp,
  decodeSafetensors,
  Discriminator,
  DraganPenalty,
  Gan,
  HingeLoss,
  LeastSquaresLoss,
  linearDecay,
  type Loss,
  mlpGenerator,
  type Network,
  type Penalty,
  R1Penalty,
  RelativisticLoss,
  rmsprop,
  sgd,
  stepDecay,
  Trainer,
  type TrainerSnapshot,
  type Transform,
  warmup,
  WassersteinLoss,
  WeightClipping,
} from 'tfjs-gan';
import { exportTorchTraining } from 'tfjs-gan/export';
import { FourierFeatures } from 'tfjs-gan/layers';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { catchWarnings } from '../support/catch-warnings.ts';
import { hasPythonModule, runPython } from './python.ts';
import {
  argumentsOf,
  expectSameBooks,
  expectSameState,
  npy,
  prepareRun,
  type PreparedRun,
  type Recipe,
  restored,
  samplesOf,
} from './torch-training.ts';

const images = { imageShape: [8, 8, 1] as const, baseFilters: 4, latentSize: 6 };
const vectors = { sampleShape: [6], hiddenUnits: [12, 16], latentSize: 4 };
const falling = { learningRate: linearDecay({ from: 1e-3, hold: 0.5 }) };
const both = <T>(optimizer: T): { generator: T; discriminator: T } => ({
  generator: optimizer,
  discriminator: optimizer,
});
const ofImages = (create: Recipe['create'], more: Partial<Recipe> = {}): Recipe => ({
  create,
  sampleShape: [8, 8, 1],
  ...more,
});
const ofVectors = (create: Recipe['create'], more: Partial<Recipe> = {}): Recipe => ({
  create,
  sampleShape: [6],
  ...more,
});

/** Runs that are so calm that rounding stays rounding over twenty steps. */
const calm: Readonly<Record<string, Recipe>> = {
  'of an MLP after a long history': ofVectors(() => createMlpGan(vectors), { first: 103 }),
  'of a DCGAN with a planned rate and an average': ofImages(() =>
    createDcgan({
      ...images,
      ema: { halfLife: cosineDecay({ from: 0, to: 100 }), startStep: 5 },
      optimizers: both(adam(falling)),
    }),
  ),
  'of a WGAN-GP, from an IDX file': ofImages(
    () => createWganGp({ ...images, updatesPerStep: { discriminator: 2 } }),
    { from: 'idx' },
  ),
  'with classes by projection': ofImages(() => createDcgan({ ...images, classes: 3 }), {
    classes: 3,
  }),
  'with classes that are joined, layer norm and a lazy R1': ofImages(
    () =>
      createDcgan({
        ...images,
        classes: 3,
        conditioning: 'concat',
        normalization: { generator: 'batch', discriminator: 'layer' },
        loss: new HingeLoss(),
        penalties: [new R1Penalty({ every: 2 })],
      }),
    { classes: 3 },
  ),
  'of a WGAN with clipped weights, RMSProp and uniform latents': ofVectors(() =>
    createMlpGan({
      ...vectors,
      latentDistribution: 'uniform',
      loss: new WassersteinLoss(),
      constraints: [new WeightClipping({ limit: 0.1 })],
      optimizers: both(rmsprop({ learningRate: warmup(5e-4, { updates: 10 }) })),
    }),
  ),
  'with Fourier features': ofVectors(() => {
    const generator = mlpGenerator({ sampleShape: [6], hiddenUnits: [12], latentSize: 4, seed: 3 });
    const kernelInitializer = tf.initializers.glorotUniform({ seed: 5 });
    const layers = [
      tf.layers.dense({ inputShape: [6], units: 4, activation: 'tanh', kernelInitializer }),
      new FourierFeatures({ count: 4, spread: 1, seed: 1 }),
      tf.layers.dense({ units: 1, kernelInitializer }),
    ];
    const discriminator = new Discriminator({ model: tf.sequential({ layers }) });
    return new Gan({
      generator,
      discriminator,
      trainer: new Trainer({ generator, discriminator }),
    });
  }),
  'of an R3GAN': ofImages(() => createR3gan(images)),
  'of an R3GAN with classes and a lazy penalty': ofImages(
    () => createR3gan({ ...images, classes: 3, penaltyEvery: 2 }),
    { classes: 3 },
  ),
  'of an SNGAN': ofImages(() => createSngan({ ...images, updatesPerStep: { discriminator: 1 } }), {
    more: 2,
  }),
  'of DRAGAN on images in color, from PNG files': ofImages(
    () => createDcgan({ ...images, imageShape: [8, 8, 3], penalties: [new DraganPenalty()] }),
    { sampleShape: [8, 8, 3], from: 'png' },
  ),
  'with samples of 0 to 1': ofVectors(
    () => createMlpGan({ ...vectors, outputActivation: 'sigmoid' }),
    { valueRange: [0, 1] },
  ),
  'with least squares, SGD and clipped gradients': ofVectors(() => {
    const momentum = sgd({ learningRate: stepDecay({ from: 0.01, every: 8 }), momentum: 0.5 });
    const clipped = clipGradients(clipGradients(momentum, { value: 0.1 }), { globalNorm: 0.2 });
    return createMlpGan({ ...vectors, loss: new LeastSquaresLoss(), optimizers: both(clipped) });
  }),
};

/** Runs that multiply the rounding of each step: compared over two. */
const lively: Readonly<Record<string, Recipe>> = {
  // The last bias has the gradient 0, of which Adam makes steps of rounding.
  'with a relativistic loss': ofImages(
    () =>
      createDcgan({
        ...images,
        loss: new RelativisticLoss(),
        optimizers: both(sgd({ learningRate: 0.01 })),
      }),
    { more: 2 },
  ),
};

const own: Transform = { name: 'own', stage: 'noise', apply: (samples) => samples };

const ownPenalty: Penalty = {
  name: 'own',
  target: 'discriminator',
  weight: 1,
  compute: ({ weights }) => tf.mean(tf.square(weights[0]!.value)).asScalar(),
};

const ownLoss: Loss = {
  name: 'own',
  discriminator: (real, fake) => new BceLoss().discriminator(real, fake),
  generator: (fake) => new BceLoss().generator(fake),
};

/** Runs with a part that Python has no formula for, and the place that the error names. */
const refused: Readonly<Record<string, readonly [Recipe['create'], string]>> = {
  'a custom loss': [() => createMlpGan({ ...vectors, loss: ownLoss }), "the loss 'own'.*losses.py"],
  'a custom penalty': [
    () => createMlpGan({ ...vectors, penalties: [ownPenalty] }),
    "the penalty 'own'.*penalties.py",
  ],
  'a custom transform': [
    () => createMlpGan({ ...vectors, transforms: [own] }),
    "the transform 'own'.*transforms.py",
  ],
};

let root: string;
const runs = new Map<string, PreparedRun>();
let ended: Readonly<Record<string, string | null>> = {};

async function prepare(
  name: string,
  recipe: Recipe,
  given: (run: PreparedRun) => readonly string[] = argumentsOf,
): Promise<void> {
  const run = await prepareRun(join(root, String(runs.size)), recipe);
  await writeFile(join(run.folder, 'arguments.json'), JSON.stringify(given(run)));
  runs.set(name, run);
}

/** How a run ended: null, or its error. */
function endOf(name: string): string | null {
  return ended[String([...runs.keys()].indexOf(name))]!;
}

const roundTrip = 'read and written';
const otherData = 'other data';
const otherSamples = 'other samples';
const allowed = 'other samples, allowed';
const damaged = 'damaged';
const locked = 'locked';
const labeled = 'labeled';
const newer = 'newer';
const infinite = 'infinite';
const unreadable = 'unreadable';

/** Arguments that are refused, and why. */
const never: Readonly<Record<string, readonly [given: readonly string[], why: string]>> = {
  'to keep no checkpoint': [['--keep', '0'], 'argument --keep: must be at least 1, got 0'],
  'checkpoints every 0 steps': [['--checkpoint-every', '0'], 'must be at least 1, got 0'],
  'samples out of range': [
    ['--input-range', '0', '1', '--other-data'],
    'samples must lie in -1 to 1, as the gene',
  ],
};

/** Changes the first checkpoint of a run, and its checksums. */
async function edit(name: string, change: (state: string) => string): Promise<void> {
  const at = join(runs.get(name)!.folder, 'checkpoints/0001-step-1');
  const text = await readFile(join(at, 'state.json'), 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  const [was, is] = [text, changed].map((one) => createHash('sha256').update(one).digest('hex'));
  const sums = await readFile(join(at, 'SHA256SUMS'), 'utf8');
  await writeFile(join(at, 'state.json'), changed);
  await writeFile(join(at, 'SHA256SUMS'), sums.replace(was!, is!));
}

describe.skipIf(!hasPythonModule('torch'))(
  'train.py of exportTorchTraining (needs python3-torch)',
  () => {
    beforeAll(async () => {
      await wasmTrain({ threads: 1 }).activate();
      root = await mkdtemp(join(tmpdir(), 'tfjs-gan-torch-training-'));
      for (const [name, recipe] of Object.entries({ ...calm, ...lively }))
        await prepare(name, recipe);
      await prepare(roundTrip, { ...Object.values(calm)[1]!, first: 103, more: 0 }, () => []);
      for (const [name, [create]] of Object.entries(refused)) {
        await prepare(name, ofVectors(create, { first: 1, more: 1 }));
      }
      const file = join(root, '0', 'samples.npy');
      await prepare(
        otherData,
        ofImages(() => createDcgan(images), { first: 1, more: 0 }),
        () => ['--data', file, '--until', '5'],
      );
      const short = ofVectors(() => createMlpGan(vectors), { first: 1, more: 1 });
      const others = join(root, '0', 'others.npy');
      await writeFile(others, npy([72, 6], samplesOf([6], 72)));
      await prepare(otherSamples, short, (run) => [
        ...argumentsOf(run),
        '--input-range',
        '0',
        '254',
      ]);
      await prepare(allowed, short, () => ['--data', others, '--until', '3', '--other-data']);
      await prepare(damaged, short);
      const newest = join(runs.get(damaged)!.folder, 'checkpoints/0002-step-9');
      await cp(join(newest, '../0001-step-1'), newest, { recursive: true });
      await writeFile(join(newest, 'networks.json'), '{}');
      await prepare(locked, short);
      const lock = join(runs.get(locked)!.folder, 'checkpoints/lock');
      await mkdir(lock);
      const owner = { pid: process.pid, host: hostname(), claim: 1 };
      await writeFile(join(lock, 'owner.json'), JSON.stringify(owner));
      for (const [name, [given]] of Object.entries(never)) {
        const create = (): Gan => createMlpGan({ ...vectors, outputActivation: 'tanh' });
        await prepare(name, { ...short, create }, (run) => [...argumentsOf(run), ...given]);
      }
      const { folder } = runs.get('with classes by projection')!;
      const labels = ['--labels', join(folder, 'labels.npy')];
      await prepare(labeled, short, (run) => [...argumentsOf(run), ...labels]);
      await prepare(newer, short);
      await edit(newer, (state) => state.replace('"format": 1,', '"format": 2,'));
      await prepare(infinite, {
        ...short,
        create: () =>
          createMlpGan({ ...vectors, optimizers: { generator: sgd({ learningRate: 0.015 }) } }),
      });
      await edit(infinite, (state) => state.replaceAll(': 0.015', ': 1e42'));
      await prepare(unreadable, short);
      await mkdir(join(runs.get(unreadable)!.folder, 'checkpoints/lock/owner.json'), {
        recursive: true,
      });
      ended = JSON.parse(runPython('run_training.py', root)) as typeof ended;
    });
    afterAll(async () => {
      await rm(root, { recursive: true });
    });

    const warn = catchWarnings();

    async function bothOf(name: string): Promise<Record<'wanted' | 'got', TrainerSnapshot>> {
      expect(endOf(name)).toBeNull();
      const run = runs.get(name)!;
      const got = await restored(run);
      expect(warn.mock.lastCall?.[0]).toMatch(/was computed on torch .* but not bit-for-bit$/);
      return { wanted: run.expected, got };
    }

    test.each(Object.keys({ ...calm, ...lively }))(
      'continues a run %s as a trainer does',
      async (name) => {
        const { wanted, got } = await bothOf(name);
        expectSameState(wanted, got, name in calm ? 1e-6 : 1e-3);
      },
    );

    test.each(Object.keys({ ...calm, ...lively }))('keeps the books of a run %s', async (name) => {
      const { wanted, got } = await bothOf(name);
      expectSameBooks(wanted, got);
    });

    test('joins processes on graphics cards by NCCL, one card for each (mocked)', () => {
      const code = [
        'import torch',
        'from tfjs_gan import ranks',
        'calls = []',
        'torch.cuda.set_device = calls.append',
        'ranks.dist.init_process_group = calls.append',
        "ranks.start('cuda')",
        'print(calls)',
      ].join('\n');
      const env = { ...process.env, RANK: '11', LOCAL_RANK: '3', WORLD_SIZE: '16' };
      const cwd = join(root, '0');
      const options = {
        cwd,
        env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
        encoding: 'utf8',
      } as const;
      expect(execFileSync('/usr/bin/python3', ['-c', code], options).trim()).toBe("[3, 'nccl']");
    });

    test('passes the tests that come with it, and these see a weight that is not there', async () => {
      const { folder } = runs.get('with classes by projection')!;
      const run = (): { readonly status: number | null; readonly stderr: string } =>
        spawnSync('/usr/bin/python3', ['-B', join(folder, 'test_train.py')], { encoding: 'utf8' });
      const { stderr, status } = run();
      expect([stderr, status]).toEqual([expect.stringMatching(/Ran 4 tests .*\n\nOK/), 0]);
      const networks = join(folder, 'networks.py');
      const code = await readFile(networks, 'utf8');
      await writeFile(networks, code.replace(/'\d+\.conv2D\/kernel'/, "'9.other/kernel'"));
      expect(run().stderr).toMatch(/FAIL: test_the_networks_have_the_weights_of_the_checkpoint/);
      await writeFile(networks, code);
    });

    test('reads and writes a checkpoint bit-for-bit', async () => {
      expect(endOf(roundTrip)).toBeNull();
      const { folder, expected } = runs.get(roundTrip)!;
      const checkpoints = join(folder, 'checkpoints');
      const names = (await readdir(checkpoints)).filter((name) => name.includes('step')).sort();
      expect(names).toEqual(['0001-step-103', '0002-step-103']);
      const [before, after] = await Promise.all(
        names.map((name) => readFile(join(checkpoints, name, 'weights.safetensors'))),
      );
      expect(decodeSafetensors(after!).tensors).toEqual(decodeSafetensors(before!).tensors);
      expect(after!.equals(before!)).toBe(true);
      expect(await restored(runs.get(roundTrip)!)).toEqual(expected);
    });

    test.each(Object.entries(refused))(
      'refuses %s, and names the place to add it',
      (name, [, why]) => {
        expect(endOf(name)).toMatch(new RegExp(why));
      },
    );

    test('continues from the newest checkpoint that is whole', async () => {
      const { wanted, got } = await bothOf(damaged);
      expect(got.step).toBe(2);
      expect(got.cursor).toEqual(wanted.cursor);
    });

    test('refuses a folder that another run writes to', () => {
      expect(endOf(locked)).toMatch(/must be free, got one that process \d+ on .* writes to/);
    });

    test('refuses a lock that it cannot read', () => {
      expect(endOf(unreadable)).toMatch(/lock' must be readable, got/);
    });

    test('locks a folder for one of two processes, and unlocks only its own lock', async () => {
      const { folder } = runs.get(labeled)!;
      const lock = join(folder, 'checkpoints/lock');
      await mkdir(lock);
      // No process of Linux has this number.
      const owner = { pid: 2 ** 22 + 1, host: hostname(), claim: 1 };
      await writeFile(join(lock, 'owner.json'), JSON.stringify(owner));
      const { ino, mtimeMs } = await stat(lock);
      const said = JSON.parse(runPython('lock_twice.py', folder)) as Record<string, unknown>;
      expect(said['held']).toContain(`.stale-lock-${ino}-${mtimeMs}`);
      expect(said['refused']).toMatch(
        `must be free, got one that process ${String(said['other'])} on`,
      );
      expect(said).toMatchObject({ unlocked: [], foreign: ['lock'] });
    });

    test.each(Object.entries(never))('refuses %s', (name, [, why]) => {
      expect(endOf(name)).toContain(why);
    });

    test('ignores labels that the run does not use', () => {
      expect(endOf(labeled)).toBeNull();
    });

    test('refuses a checkpoint of a later format', () => {
      expect(endOf(newer)).toMatch(
        /the format of '.*0001-step-1' must be 1, got 2\. tfjs-gan \S+ wrote/,
      );
    });

    test('does not save weights that became infinite in the last update', async () => {
      expect(endOf(infinite)).toMatch(
        /networks\/\S+ became NaN or infinite at step 2\..*intact.*3$/s,
      );
      const names = await readdir(join(runs.get(infinite)!.folder, 'checkpoints'));
      expect(names).toEqual(['0001-step-1']);
    });

    test('refuses other samples of the same shape, unless they may differ', async () => {
      expect(endOf(otherSamples)).toMatch(/got another first or last sample in '.*--other-data to/);
      const { got } = await bothOf(allowed);
      expect(got.step).toBe(3);
      expect(got.description.data).toMatchObject({ name: 'others.npy', size: 72 });
    });

    test('refuses other data than those of the run', () => {
      expect(endOf(otherData)).toContain(
        "--data must be the data of the run, 'waves' of the shape [80, 8, 8, 1], got [80, 6]",
      );
    });
  },
);

describe('exportTorchTraining', () => {
  const layersOf = (...layers: tf.layers.Layer[]): Trainer =>
    new Trainer({
      generator: mlpGenerator({ sampleShape: [2], latentSize: 2 }),
      discriminator: new Discriminator({ model: tf.sequential({ layers }) }),
      loss: new BceLoss(),
    });

  test('writes networks as a person would', async () => {
    const { trainer } = createDcgan(images);
    const files = await exportTorchTraining(trainer);
    const code = new TextDecoder().decode(files['networks.py']);
    expect(code).toContain('self.batch_norm_2 = BatchNorm(4, eps=0.00001, momentum=0.9)');
    expect(code).toContain(
      "'conv_transpose_4.weight': ('4.conv2DTranspose/kernel', (3, 2, 0, 1)),",
    );
  });

  test('refuses a layer that draws random numbers, and a regularizer', async () => {
    const dense = tf.layers.dense({ inputShape: [2], units: 1 });
    const noise = tf.layers.gaussianNoise({ stddev: 0.5, inputShape: [2] });
    await expect(exportTorchTraining(layersOf(noise, dense))).rejects.toThrow(
      'Cannot export training to PyTorch: layers must not draw random numbers, other than dropout without noiseShape and seed, got',
    );
    const same = tf.layers.dropout({ rate: 0.5, seed: 1, inputShape: [2] });
    await expect(exportTorchTraining(layersOf(same, dense))).rejects.toThrow('of the kind Dropout');
    const regular = tf.layers.dense({ inputShape: [2], units: 1, kernelRegularizer: 'l1l2' });
    await expect(exportTorchTraining(layersOf(regular))).rejects.toThrow(
      'got kernelRegularizer in',
    );
  });

  test('refuses layers that draw in branches, of which TensorFlow.js may begin with either', async () => {
    const input = tf.input({ shape: [4] });
    const branches = [0.2, 0.3].map((rate) => tf.layers.dropout({ rate }).apply(input));
    const joined = tf.layers.add().apply(branches as tf.SymbolicTensor[]);
    const logits = tf.layers.dense({ units: 1 }).apply(joined) as tf.SymbolicTensor;
    const trainer = new Trainer({
      generator: mlpGenerator({ sampleShape: [4], latentSize: 2 }),
      discriminator: new Discriminator({ model: tf.model({ inputs: input, outputs: logits }) }),
    });
    await expect(exportTorchTraining(trainer)).rejects.toThrow(
      'layers that draw random numbers must follow each other, got',
    );
  });

  test('refuses a frozen layer, which PyTorch would train', async () => {
    const { discriminator, trainer } = createDcgan(images);
    // The activation behind it has no weights.
    for (const layer of discriminator.model.layers.slice(0, 2)) layer.trainable = false;
    await expect(exportTorchTraining(trainer)).rejects.toThrow(
      /layers must not be frozen, got '.*conv.*' with trainable = false/i,
    );
    discriminator.model.layers[0]!.trainable = true;
    await expect(exportTorchTraining(trainer)).resolves.toHaveProperty('train.py');
  });

  test('refuses inputs that the program does not know, and what is no trainer', async () => {
    const { trainer } = createMlpGan(vectors);
    const { generator, discriminator } = trainer.game.networks as unknown as Record<
      'generator' | 'discriminator',
      { readonly network: Network }
    >;
    const strange = { model: discriminator.network.model, outputs: ['logits'] };
    const game = {
      networks: {
        generator,
        discriminator: {
          network: { ...strange, inputs: { pictures: { kind: 'tensor' } } } as Network,
        },
      },
    };
    const { configuration } = trainer;
    await expect(exportTorchTraining({ game, configuration })).rejects.toThrow(
      'the inputs of the discriminator must be of samples, labels, condition, codes, got pictures',
    );
    await expect(exportTorchTraining({} as never)).rejects.toThrow(
      'trainer must be a Trainer, got',
    );
    const dataset = [1, 2] as never;
    await expect(exportTorchTraining(createDcgan(images).trainer, { dataset })).rejects.toThrow(
      'Cannot export training to PyTorch: dataset must be a Dataset, got',
    );
  });
});
