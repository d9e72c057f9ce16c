import * as tf from '@tensorflow/tfjs';
import {
  createMlpGan,
  datasetFromArray,
  Generator,
  paired,
  ring8,
  type StepInfo,
  unpaired,
} from 'tfjs-gan';
import type {
  RemoteData,
  RemoteFitOptions,
  RemoteSampleOptions,
  RemoteTrainer,
} from 'tfjs-gan/worker';
import { directions } from 'tfjs-gan/latent';
import { describe, expect, test } from 'vitest';
import { firstSamples } from '../../../src/data/first-samples.ts';
import { canvasPixels } from '../../../src/io/canvas-pixels.ts';
import { pointPlot } from '../../../src/io/point-plot.ts';
import { remoteDataset } from '../../../src/platforms/worker/remote-dataset.ts';
import { timeless, tinyDcgan } from '../../support/tiny-gan.ts';
import { twoGenerators } from '../../support/two-generators.ts';
import { connected } from './connected.ts';
import { onWasmTrain } from '../../support/on-wasm-train.ts';

onWasmTrain();

const classes = 3;
const points = () => createMlpGan({ sampleShape: [2], latentSize: 4, hiddenUnits: [8], classes });
const asked = () =>
  createMlpGan({ sampleShape: [2], latentSize: 4, hiddenUnits: [8], condition: { size: 2 } });

/** The numbers of a tensor, which is disposed. */
async function taken(tensor: tf.Tensor): Promise<object> {
  const values = Float32Array.from(await tensor.data());
  tensor.dispose();
  return { shape: tensor.shape, values };
}

/** 24 points in the plane, and the class of each. */
function labeled(): RemoteData & { labels: number[] } {
  const values = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i));
  return { values, sampleShape: [2], labels: Array.from({ length: 24 }, (_, i) => i % classes) };
}

/** What the steps of a run in a worker say. */
async function stepsOf(trainer: RemoteTrainer, options: RemoteFitOptions): Promise<object[]> {
  const steps: StepInfo[] = [];
  const onStepEnd = (step: StepInfo): void => void steps.push(step);
  await trainer.fit({ steps: 4, batchSize: 8, ...options, onStepEnd });
  return timeless(steps);
}

describe('a conditional generator in a worker', () => {
  test('draws the same samples as here for the same labels and seed', async () => {
    const { trainer } = await connected(points);
    using here = points();
    expect(trainer.inputs).toEqual(here.generator.inputs);
    for (const labels of [1, [0, 1, 2]]) {
      const mine = await taken(here.generator.sample(3, { labels, seed: 5 }));
      expect(await trainer.sample(3, { labels, seed: 5 })).toEqual(mine);
      const latents = await trainer.latents(3, { seed: 5 });
      expect(await trainer.generate({ latents, labels })).toEqual(mine);
      expect(await trainer.generate(latents, { labels })).toEqual(mine);
      expect(await trainer.generate(latents.values, { labels })).toEqual(mine);
    }
    const strip = await taken(here.generator.interpolate(1, 2, { steps: 4, labels: [0, 2] }));
    expect(await trainer.interpolate(1, 2, { steps: 4, labels: [0, 2] })).toEqual(strip);
    const [one, two] = [
      await trainer.latents(1, { seed: 1 }),
      await trainer.latents(1, { seed: 2 }),
    ];
    const between = { steps: 4, labels: [0, 2] };
    expect(await trainer.interpolate(one.values, two.values, between)).toEqual(strip);
    const settings = { count: 2, draws: 4, labels: 1, seed: 3 };
    expect(await trainer.directions(settings)).toEqual(await directions(here.generator, settings));
    await expect(trainer.directions({ count: 99 })).rejects.toThrow(
      'Cannot find directions: count must be at most the number of latents, 4, got 99',
    );
  });

  test('takes vectors and codes as plain numbers', async () => {
    const { trainer } = await connected(asked);
    using here = asked();
    const rows = [
      [0, 1],
      [0.5, -1],
    ];
    const mine = await taken(here.generator.sample(2, { condition: rows, seed: 3 }));
    expect(await trainer.sample(2, { condition: rows, seed: 3 })).toEqual(mine);
    const flat = Float32Array.from(rows.flat());
    expect(await trainer.sample(2, { condition: flat, seed: 3 })).toEqual(mine);
    const shaped = { shape: [2, 2], values: flat };
    expect(await trainer.sample(2, { condition: shaped, seed: 3 })).toEqual(mine);
    const latents = await trainer.latents(2, { seed: 3 });
    expect(await trainer.generate({ latents, condition: shaped })).toEqual(mine);

    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    const inputs = { codes: { categorical: [2], continuous: 1 } };
    using coded = new Generator({ model, inputs, ownsModel: true });
    const codes = { categorical: [1], continuous: [0.5] };
    const served = { trainer: { game: { generators: { coded } }, fit: () => undefined } };
    const { trainer: other } = await connected(
      () => ({ ...served, generator: coded, dispose: () => undefined }) as never,
    );
    const wanted = await taken(coded.sample(2, { codes, seed: 1 }));
    expect(await other.sample(2, { codes, seed: 1 })).toEqual(wanted);
  });

  test.each<[what: string, count: number, options: RemoteSampleOptions]>([
    ['a class that is none', 2, { labels: 12 }],
    ['too few labels', 3, { labels: [0, 1] }],
    ['a fraction', 1, { labels: 0.5 }],
    ['a condition that it does not take', 1, { condition: [1, 2] }],
    ['a name that means nothing', 1, { label: 3 } as object],
    ['no count', 0, { labels: 1 }],
  ])('says of %s what the generator says', async (_, count, options) => {
    const { trainer } = await connected(points);
    using here = points();
    let error: unknown;
    try {
      here.generator.sample(count, options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(Error);
    await expect(trainer.sample(count, options)).rejects.toThrow(error);
  });

  test('says of labels for a generator without classes what the generator says', async () => {
    const { trainer } = await connected(() => tinyDcgan());
    const message = /labels must be left out, because this generator takes no conditions, got some/;
    await expect(trainer.sample(1, { labels: 3 })).rejects.toThrow(message);
    await expect(trainer.draw(1, { labels: 3 })).rejects.toThrow(message);
    const latents = await trainer.latents(1);
    await expect(trainer.generate({ latents, labels: 3 })).rejects.toThrow(
      'Cannot generate: latents must be a tensor, or { latents }',
    );
  });

  test('refuses what is no plain data or fits nothing, and leaves no tensors behind', async () => {
    const { trainer } = await connected(points);
    const latents = await trainer.latents(2);
    const before = tf.memory().numTensors;
    const labels = tf.tensor1d([1, 2], 'int32');
    await expect(trainer.sample(2, { labels } as never)).rejects.toThrow(
      new TypeError(
        'Cannot sample: labels must be plain numbers, as tensors cannot cross threads, got a tensor. ' +
          'Read its values: await labels.data()',
      ),
    );
    labels.dispose();
    const short = { shape: [2, 4], values: new Float32Array(7) };
    await expect(trainer.generate({ latents: short, labels: 0 })).rejects.toThrow(
      'Cannot generate: values of latents must fill the shape [2, 4], got 7 numbers',
    );
    await expect(trainer.generate({ latents: new Float32Array(7) })).rejects.toThrow(
      'Cannot generate: latents must be a Float32Array of 4 numbers for each sample, got 7 numbers',
    );
    await expect(trainer.generate('latents' as never)).rejects.toThrow(
      "Cannot generate: latents must be a Float32Array of 4 numbers for each sample, got 'latents'",
    );
    await expect(trainer.generate({ latents })).rejects.toThrow(
      'Cannot generate: labels must be given, got none',
    );
    await expect(trainer.generate({ latents, labels: [0, 7] })).rejects.toThrow(
      'Cannot generate: labels[1] must be an integer from 0 to 2, got 7',
    );
    await expect(trainer.generate({ latents, labels: latents })).rejects.toThrow(/labels must be/);
    await expect(trainer.interpolate(1, new Float32Array(3))).rejects.toThrow(
      'Cannot interpolate: each end must be a seed or latents of shape [4], got [3]',
    );
    await expect(trainer.draw(1, { colums: 2 } as never)).rejects.toThrow(
      /^Cannot draw: options must have only the names columns, .*, labels, .*, got 'colums'$/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('data that are sent', () => {
  test('train a conditional GAN by their labels to the same bits as here', async () => {
    const { trainer } = await connected(points);
    const data = labeled();
    const steps = await stepsOf(trainer, { data });
    using here = points();
    const { values, ...about } = data;
    const dataset = datasetFromArray(values, about);
    const history = await here.trainer.fit(dataset, { steps: 4, batchSize: 8 });
    expect(steps).toEqual(timeless(history.steps));
    expect(data.values).toHaveLength(48);
    // The classes come as often as in the data, which crossed as well.
    const mine = await taken(here.generator.sample(6, { seed: 2 }));
    expect(await trainer.sample(6, { seed: 2 })).toEqual(mine);
  });

  test('are moved if they may be', async () => {
    const { trainer } = await connected(points);
    const data = { ...labeled(), labels: new Int32Array(24).map((_, i) => i % classes) };
    await trainer.fit({ steps: 1, batchSize: 8, data, transfer: true });
    expect([data.values.length, data.labels.length]).toEqual([0, 0]);
    expect(await trainer.fit({ steps: 1, batchSize: 8 })).toMatchObject({ step: 2 });
  });

  test('may be several sets, joined as here', async () => {
    const { trainer } = await connected(asked);
    const samples = { ...labeled(), labels: undefined };
    const condition = { ...samples, values: samples.values.map((value) => -value) };
    const steps = await stepsOf(trainer, { data: { paired: { samples, condition } } });
    using here = asked();
    const set = ({ values, sampleShape }: RemoteData) => datasetFromArray(values, { sampleShape });
    const dataset = paired({ samples: set(samples), condition: set(condition) });
    const history = await here.trainer.fit(dataset, { steps: 4, batchSize: 8 });
    expect(steps).toEqual(timeless(history.steps));

    const sets = { a: set(samples), b: set(condition) };
    const sent = remoteDataset({ unpaired: { a: samples, b: condition } });
    for await (const batch of unpaired(sets).batches({ batchSize: 24, seed: 1 })) {
      for await (const other of sent.batches({ batchSize: 24, seed: 1 })) {
        expect(Object.keys(other)).toEqual(Object.keys(batch));
        expect(await other['b']!.data()).toEqual(await batch['b']!.data());
        tf.dispose({ ...other });
      }
      tf.dispose({ ...batch });
    }
  });

  test('may hold whole numbers', async () => {
    const values = Int32Array.from({ length: 2 * 70 }, (_, i) => i % 200);
    const before = tf.memory().numTensors;
    const tokens = remoteDataset({ values, sampleShape: [70], dtype: 'int32' });
    for await (const { samples } of tokens.batches({ batchSize: 2 })) {
      expect([samples.dtype, ...samples.shape]).toEqual(['int32', 2, 70]);
      expect([...(await samples.data())]).toEqual([...values]);
      samples.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [{ ...labeled(), label: [] }, /^Cannot train: data must have only the names .*, got 'label'$/],
    [
      { ...labeled(), dtype: 'bool' },
      "Cannot train: data.dtype must be one of 'float32', 'int32', got 'bool'",
    ],
    [{ paired: [] }, 'Cannot train: data.paired must be an object of sets by name, got []'],
    [
      { paired: { samples: 3 } },
      'Cannot train: data.paired.samples must be an object of settings, got 3',
    ],
    [
      { paired: {}, unpaired: {} },
      "Cannot train: data must have only the names paired, got 'unpaired'",
    ],
    [
      { paired: { a: labeled(), b: labeled() } },
      "Cannot join datasets: one of the names must be 'samples'",
    ],
  ])('are refused if they are wrong (%#)', async (data, message) => {
    const { trainer } = await connected(points);
    await expect(trainer.fit({ steps: 1, data: data as never })).rejects.toThrow(message);
  });
});

describe('a game with two generators in a worker', () => {
  test('samples either by name, the first by default', async () => {
    const { trainer } = await connected(() => twoGenerators().trainer);
    const here = twoGenerators();
    const { day, night } = here.trainer.game.generators;
    expect(Object.keys(trainer.generators)).toEqual(['day', 'night']);
    expect(trainer.generators['night']).toMatchObject({ latentSize: 4, sampleShape: [8, 8, 1] });
    const [light, dark] = [
      await taken(day!.sample(2, { seed: 1 })),
      await taken(night!.sample(2, { seed: 1 })),
    ];
    expect(await trainer.sample(2, { seed: 1 })).toEqual(light);
    expect(await trainer.sample(2, { seed: 1, generator: 'night' })).toEqual(dark);
    const latents = await trainer.latents(2, { seed: 1, generator: 'night' });
    expect(await trainer.generate(latents, { generator: 'night' })).toEqual(dark);
    const drawn = await trainer.draw(2, { seed: 1, generator: 'night' });
    expect(drawn).toEqual(await trainer.draw({ latents }, { generator: 'night' }));
    expect(drawn).not.toEqual(await trainer.draw(2, { seed: 1 }));
    const artifacts = await trainer.generatorArtifacts({ generator: 'night' });
    using loaded = await Generator.load(tf.io.fromMemory(artifacts));
    expect(await taken(loaded.sample(2, { seed: 1 }))).toEqual(dark);
    here.dispose();
  });

  test('says which generators there are', async () => {
    const { trainer } = await connected(() => twoGenerators().trainer);
    const options = { generator: 'dusk' };
    const calls = {
      sample: () => trainer.sample(1, options),
      generate: () => trainer.generate(new Float32Array(4), options),
      interpolate: () => trainer.interpolate(1, 2, options),
      draw: () => trainer.draw(1, options),
      'draw latents': () => trainer.latents(1, options),
      'take the generator': () => trainer.generatorArtifacts(options),
    };
    for (const [action, call] of Object.entries(calls)) {
      await expect(call()).rejects.toThrow(
        new RangeError(`Cannot ${action}: generator must be one of 'day', 'night', got 'dusk'`),
      );
    }
  });
});

describe('points of a worker', () => {
  test('are drawn over its data with the pixels that savePoints writes', async () => {
    const data = ring8({ size: 300, seed: 1 });
    const { trainer } = await connected(() => ({ gan: points(), data }));
    const asked = { labels: 1, seed: 5 };
    const sampled = await trainer.sample(20, asked);
    const real = (await firstSamples(data, 50, 0))!;
    const drawn = await trainer.drawPoints(20, { ...asked, real: 50, width: 200 });
    const picture = pointPlot('test', sampled.values, real.values, { width: 200 });
    expect([drawn.width, drawn.height]).toEqual([picture.width, picture.height]);
    expect(Buffer.from(drawn.data).equals(Buffer.from(canvasPixels(picture)))).toBe(true);
    const bare = await trainer.drawPoints(20, { ...asked, real: 0, width: 200 });
    const alone = pointPlot('test', sampled.values, undefined, { width: 200 });
    expect(Buffer.from(bare.data).equals(Buffer.from(canvasPixels(alone)))).toBe(true);
  });

  test('are refused by draw, which names drawPoints, and images by drawPoints', async () => {
    const { trainer } = await connected(points);
    await expect(trainer.draw(4)).rejects.toThrow(
      'Cannot draw: samples must have the shape [height, width, 1 or 3], got [2]. Points are drawn by drawPoints(…)',
    );
    await expect(trainer.drawPoints(4, { real: -1 })).rejects.toThrow('real must be an integer of');
    await expect(trainer.drawPoints(4, { columns: 2 } as never)).rejects.toThrow("got 'columns'");
    // No data: the points alone.
    expect((await trainer.drawPoints(4, { width: 100 })).width).toBe(100);
    const images = await connected(tinyDcgan);
    await expect(images.trainer.drawPoints(4)).rejects.toThrow(
      /^Cannot draw points: samples must have the shape \[count, 2\], got \[1, /,
    );
  });
});
