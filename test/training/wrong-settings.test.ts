import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  checkpoint,
  collapseAlarm,
  createDcgan,
  createMlpGan,
  createSngan,
  createWgan,
  createWganGp,
  datasetFromArray,
  datasetFromIdx,
  datasetFromTensor,
  datasetFromTfData,
  dcganDiscriminator,
  dcganGenerator,
  Generator,
  type IdxArray,
  Discriminator,
  earlyStop,
  evaluateEvery,
  grid25,
  memoryStore,
  mlpDiscriminator,
  mlpGenerator,
  overfittingAlarm,
  resnetDiscriminator,
  resnetGenerator,
  ring8,
  rmsprop,
  saveGenerator,
  setOrthogonalWeights,
  sgd,
  snganDiscriminator,
  Trainer,
} from 'tfjs-gan';
import { loadMnist as loadMnistInPage } from 'tfjs-gan/browser';
import { imageFolder, loadMnist, progress, writeReport } from 'tfjs-gan/node';
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

// What JavaScript lets pass, and the types of this library do not.

/** What is thrown by a call with an argument that the types refuse. */
async function thrownBy(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('settings that are no object', () => {
  const wrong = 0.001 as never;
  test.each<[string, () => unknown]>([
    ['create a DCGAN', () => createDcgan(wrong)],
    ['create a WGAN', () => createWgan(wrong)],
    ['create a WGAN-GP', () => createWganGp(wrong)],
    ['create an SNGAN', () => createSngan(wrong)],
    ['create an MLP GAN', () => createMlpGan(wrong)],
    ['create adam', () => adam(wrong)],
    ['create rmsprop', () => rmsprop(wrong)],
    ['create sgd', () => sgd(wrong)],
    ['create a Generator', () => new Generator(wrong)],
    ['create a Discriminator', () => new Discriminator(wrong)],
    ['create a Trainer', () => new Trainer(wrong)],
    ['sample', () => tinyDcgan().generator.sample(4, wrong)],
    ['draw latents', () => tinyDcgan().generator.latents(4, wrong)],
    ['train', () => tinyDcgan().trainer.fit(blobs(), wrong)],
    ['train', () => tinyDcgan().trainer.steps(blobs(), wrong)],
    ['load MNIST', () => loadMnist(wrong)],
    ["read the images of 'faces'", () => imageFolder('faces', wrong)],
  ])('cannot %s', async (action, call) => {
    expect(await thrownBy(call)).toBe(
      `Cannot ${action}: options must be an object of settings, got 0.001`,
    );
  });

  test('nothing at all', async () => {
    expect(await thrownBy(() => createDcgan(undefined as never))).toBe(
      'Cannot create a DCGAN: options must be an object of settings, got undefined',
    );
  });
});

describe('a setting of a name that no callback and no dataset has', () => {
  const wrong = { evry: 1 } as never;
  const image: IdxArray = { type: 'uint8', shape: [1, 2, 2], data: new Uint8Array(4) };
  test.each<[string, () => unknown]>([
    ['checkpoint', () => checkpoint(memoryStore(), wrong)],
    ['save the generator', () => saveGenerator('file://nowhere', wrong)],
    ['stop early', () => earlyStop(wrong)],
    ['watch for collapse', () => collapseAlarm(wrong)],
    ['watch for overfitting', () => overfittingAlarm(blobs(), wrong)],
    ['evaluate during training', () => evaluateEvery({ steps: 1 }, wrong)],
    ["create the dataset 'array'", () => datasetFromArray([[1, 2]], wrong)],
    ["create the dataset 'IDX'", () => datasetFromIdx({ images: image }, wrong)],
    ["create the dataset 'tensor'", () => datasetFromTensor(tf.zeros([2, 2]), wrong)],
    ["create the dataset 'tf.data'", () => datasetFromTfData(tf.data.array([[1, 2]]), wrong)],
    ['draw ring8', () => ring8(wrong)],
    ['draw grid25', () => grid25(wrong)],
    ['load MNIST', () => loadMnist(wrong)],
    ['load MNIST', () => loadMnistInPage(wrong)],
    ["read the images of 'faces'", () => imageFolder('faces', wrong)],
    ['write the report', () => writeReport('nowhere', wrong)],
  ])('cannot %s', async (action, call) => {
    const message = await thrownBy(call);
    expect(message).toContain(`Cannot ${action}: options must have only the names `);
    expect(message).toContain("got 'evry'");
  });

  test('names its place: labels of IDX files, the place of a download', async () => {
    const labels = { labels: [0] } as never;
    expect(await thrownBy(() => datasetFromIdx({ images: image }, labels))).toContain(
      "Cannot create the dataset 'IDX': options must have only the names name, sampleShape, classes",
    );
    expect(await thrownBy(() => loadMnist({ download: { form: 'x' } as never }))).toBe(
      "Cannot load MNIST: download must have only the names from, got 'form'",
    );
    expect(await thrownBy(() => datasetFromArray([[1, 2]], 5 as never))).toBe(
      "Cannot create the dataset 'array': options must be an object of settings, got 5",
    );
  });
});

describe('a setting of a name that nothing has', () => {
  test.each<[string, () => unknown]>([
    ['create a DCGAN', () => createDcgan({ imageShape: [8, 8, 1], latentsize: 4 } as never)],
    ['create an SNGAN', () => createSngan({ imageShape: [8, 8, 1], latentsize: 4 } as never)],
    ['create an MLP GAN', () => createMlpGan({ sampleShape: [2], latentsize: 4 } as never)],
  ])('cannot %s', async (action, call) => {
    expect(await thrownBy(call)).toMatch(
      new RegExp(
        `^Cannot ${action}: options must have only the names .*latentSize.*, got 'latentsize'$`,
      ),
    );
  });

  test('cannot train', async () => {
    const options = { steps: 1, batchsize: 8 } as never;
    expect(await thrownBy(() => tinyDcgan().trainer.fit(blobs(), options))).toBe(
      'Cannot train: options must have only the names batchSize, epochs, steps, until, minutes, maxSteps, ' +
        "signal, callbacks, got 'batchsize'",
    );
  });
});

describe('a builder of networks', () => {
  const dense = (): tf.Sequential =>
    tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  const image = { imageShape: [8, 8, 1], baseFilters: 2 };
  test.each<[string, object, string, (options: never) => unknown]>([
    ['a Discriminator', { model: dense() }, 'ownsModels', (options) => new Discriminator(options)],
    ['a Generator', { model: dense() }, 'latent', (options) => new Generator(options)],
    ['a fully connected discriminator', { sampleShape: [2] }, 'hidden', mlpDiscriminator],
    ['a fully connected generator', { sampleShape: [2] }, 'hidden', mlpGenerator],
    ['a DCGAN generator', image, 'filters', dcganGenerator],
    ['a DCGAN discriminator', image, 'latentSize', dcganDiscriminator],
    ['an SNGAN discriminator', image, 'kernelSize', snganDiscriminator],
    ['a residual discriminator', image, 'stages', resnetDiscriminator],
    ['a residual generator', image, 'stages', resnetGenerator],
  ])('refuses a name it does not know: %s', (name, options, unknown, create) => {
    expect(() => create({ ...options, [unknown]: 3 } as never)).toThrow(
      new RegExp(`^Cannot create ${name}: options must have only the names .*'${unknown}'$`),
    );
    expect(() => create(undefined as never)).toThrow(
      `Cannot create ${name}: options must be an object of settings, got undefined`,
    );
  });

  test.each<[string, (options: never) => unknown]>([
    ['a Discriminator', (options) => new Discriminator(options)],
    ['a Generator', (options) => new Generator(options)],
  ])("refuses ownsModel: 'no': %s", (name, create) => {
    expect(() => create({ model: dense(), ownsModel: 'no' } as never)).toThrow(
      `Cannot create ${name}: ownsModel must be one of true, false, got 'no'`,
    );
  });

  test('setOrthogonalWeights refuses what it does not know', () => {
    expect(() => setOrthogonalWeights(dense(), { gian: 3 } as never)).toThrow(
      "Cannot set orthogonal weights: options must have only the names gain, seed, got 'gian'",
    );
    expect(() => setOrthogonalWeights(dense(), 3 as never)).toThrow(
      'Cannot set orthogonal weights: options must be an object of settings, got 3',
    );
  });
});

describe.each<[string, (options: never) => unknown]>([
  ['a DCGAN', createDcgan],
  ['a WGAN', createWgan],
  ['a WGAN-GP', createWganGp],
  ['an SNGAN', createSngan],
])('a preset: %s', (name, create) => {
  const saying = (options: object): (() => unknown) => {
    const small = { imageShape: [8, 8, 1], baseFilters: 2, latentSize: 4 };
    return () => create({ ...small, ...options } as never);
  };

  test.each<[object, string]>([
    [{ optimizers: null }, 'optimizers must be { generator, discriminator }, got null'],
    [{ optimizers: [] }, 'optimizers must be { generator, discriminator }, got []'],
    [{ updatesPerStep: null }, 'updatesPerStep must be { generator, discriminator }, got null'],
    [{ updatesPerStep: [] }, 'updatesPerStep must be { generator, discriminator }, got []'],
    [{ updatesPerStep: 5 }, 'updatesPerStep must be { generator, discriminator }, got 5'],
    [
      { updatesPerStep: { critic: 5 } },
      "updatesPerStep must have only the names generator, discriminator, got 'critic'",
    ],
    [
      { optimizers: { generator: null } },
      'optimizers.generator must be an OptimizerSpec, got null. Pass adam(), rmsprop() or sgd()',
    ],
  ])('refuses %o', (options, message) => {
    expect(saying(options)).toThrow(`Cannot create a Trainer: ${message}`);
  });

  test('calls itself by its name', () => {
    expect(saying({ lossFunction: 1 })).toThrow(
      new RegExp(`^Cannot create ${name}: options must have only the names .*'lossFunction'$`),
    );
  });
});

test.each<[object | null, string]>([
  [
    null,
    "Cannot create a DCGAN generator: normalization must be one of 'batch', 'layer', 'none', got null",
  ],
  [
    [],
    "Cannot create a DCGAN generator: normalization must be one of 'batch', 'layer', 'none', got []",
  ],
  [['batch'], "normalization must be one of 'batch', 'layer', 'none', got ['batch']"],
  [
    { generatr: 'none' },
    "Cannot create a DCGAN: normalization must have only the names generator, discriminator, got 'generatr'",
  ],
])('a normalization of %o is refused by the presets of DCGAN', (normalization, message) => {
  const options = { imageShape: [8, 8, 1], baseFilters: 2, normalization } as never;
  for (const create of [createDcgan, createWgan, createWganGp]) {
    expect(() => create(options)).toThrow(message);
  }
});

describe('what would be ignored in silence', () => {
  const fit = (options: object): Promise<string> =>
    thrownBy(() => tinyDcgan().trainer.fit(blobs(), { steps: 1, batchSize: 8, ...options }));

  test('one callback without brackets', async () => {
    expect(await fit({ callbacks: progress() })).toBe(
      'Cannot train: callbacks must be an array, got an object. Write [callback]',
    );
  });

  test.each([
    [
      'a maker that was not called',
      progress,
      'function progress. Is it a maker of one, such as progress()?',
    ],
    ['a misspelt function', { onStep: () => undefined }, 'an object'],
    ['null', null, 'null'],
  ])('a callback that is %s', async (_, callback, got) => {
    expect(await fit({ callbacks: [callback] })).toBe(
      'Cannot train: callbacks[0] must have one of the functions onTrainBegin, onEpochBegin, onStepEnd, onLog, ' +
        `onEpochEnd, onTrainEnd, got ${got}`,
    );
  });

  test('but not a callback that does nothing', async () => {
    using gan = tinyDcgan();
    await gan.trainer.fit(blobs(), { batchSize: 8, steps: 1, callbacks: [{}] });
    expect(gan.trainer.step).toBe(1);
  });

  test('a controller in place of its signal', async () => {
    expect(await fit({ signal: new AbortController() })).toBe(
      'Cannot train: signal must be an AbortSignal, got an instance of AbortController. Pass controller.signal',
    );
  });

  test('a dataset that is not awaited', async () => {
    const promise = Promise.resolve(blobs()) as never;
    expect(await thrownBy(() => tinyDcgan().trainer.fit(promise, { steps: 1 }))).toBe(
      'Cannot train: dataset must be a Dataset, got an instance of Promise. Wait for it: await loadMnist()',
    );
  });

  test.each([
    [
      'a path',
      'runs/a',
      "'runs/a'. To read a folder, use directoryStore('runs/a') of tfjs-gan/node",
    ],
    [
      'a promise',
      Promise.resolve(),
      'an instance of Promise. Wait for it: await trainer.snapshot()',
    ],
  ])('a snapshot that is %s', async (_, source, got) => {
    expect(await thrownBy(() => tinyDcgan().trainer.restore(source as never))).toBe(
      `Cannot restore: the source must be a snapshot or a CheckpointStore, got ${got}`,
    );
  });

  test('channels that come first', async () => {
    expect(await thrownBy(() => createDcgan({ imageShape: [3, 32, 32] }))).toBe(
      'Cannot create a DCGAN generator: channels of imageShape must be 1 (gray) or 3 (color), got 32. ' +
        'Channels come last: [32, 32, 3]',
    );
  });
});
