import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type Batch,
  createMlpGan,
  type CreateMlpGanOptions,
  type Dataset,
  datasetFromArray,
  datasetFromTfData,
  Discriminator,
  type Loss,
  paired,
  Trainer,
  type TrainerSnapshot,
} from 'tfjs-gan';
import { linearLoss, timeless, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const small = { sampleShape: [2], latentSize: 2, hiddenUnits: [3] };
const classGan = (options: Partial<CreateMlpGanOptions> = {}, classes = 3) =>
  createMlpGan({ ...small, classes, ...options });

const pointsOf = (labels: readonly number[], options = {}) =>
  datasetFromArray(
    labels.map((label, i) => [Math.sin(i + label), Math.cos(i)]),
    { labels, name: 'points', ...options },
  );
const cycle = (size: number, classes: number): number[] =>
  Array.from({ length: size }, (_, i) => i % classes);

/** A custom dataset, which says nothing of its labels. */
const handmade = (...batches: readonly (() => Partial<Batch>)[]): Dataset => ({
  name: 'handmade',
  size: 4 * batches.length,
  sampleShape: [2],
  batches: async function* ({ firstBatch }) {
    for (const make of batches.slice(firstBatch)) yield { samples: tf.zeros([4, 2]), ...make() };
  },
});
const int32 = (...labels: number[]): tf.Tensor1D => tf.tensor1d(labels, 'int32');

/** A stream of points with labels. */
const streamOf = (labels: readonly number[], options = {}): Promise<Dataset> =>
  datasetFromTfData(tf.data.array(labels.map((label, i) => ({ xs: [i / 8, -i / 8], ys: label }))), {
    name: 'stream',
    ...options,
  });

describe('fit of a GAN of classes refuses', () => {
  const plain = datasetFromArray(
    cycle(8, 8).map((i) => [i, -i]),
    { name: 'plain' },
  );
  test.each<[string, () => Dataset | Promise<Dataset>, string]>([
    [
      'data without labels',
      () => plain,
      "Cannot train: the dataset 'plain' must have labels, which the game 'adversarial' requires, got none. Pass labels: " +
        'datasetFromArray(samples, { labels }), or create the networks without classes',
    ],
    [
      'pairs without labels',
      () => paired({ samples: plain, source: plain }),
      "Cannot train: the dataset 'paired(samples: plain, source: plain)' must have labels, which the game 'adversarial' " +
        'requires, got none. Pass labels: datasetFromArray(samples, { labels }), or create the networks without classes',
    ],
    [
      'a class without samples',
      () => pointsOf([0, 2, 0, 2, 0, 2, 0, 2]),
      "Cannot train: the dataset 'points' must have samples of each of the 3 classes, got none of 1. Create the networks " +
        'with as many classes as there are (the labels name 3), or add samples',
    ],
    [
      'fewer classes than the networks have',
      () => pointsOf(cycle(8, 2)),
      "Cannot train: the dataset 'points' must have samples of each of the 3 classes, got none of 2. Create the networks " +
        'with as many classes as there are (the labels name 2), or add samples',
    ],
    [
      'more classes than the networks have',
      () => pointsOf(cycle(12, 5)),
      "Cannot train: labels of the dataset 'points' must be integers from 0 to 2, as the networks have 3 classes, got 4. " +
        'Create them with classes: 5',
    ],
    [
      'a stream that announces more classes',
      () => streamOf(cycle(8, 3), { classes: 10 }),
      "Cannot train: labels of the dataset 'stream' must be integers from 0 to 2, as the networks have 3 classes, got 9. " +
        'Create them with classes: 10',
    ],
  ])('%s, before anything is drawn', async (_, make, message) => {
    using gan = classGan();
    const data = await make();
    const before = { weights: weightsOf(gan), tensors: tf.memory().numTensors };
    expect(() => gan.trainer.steps(data, { batchSize: 4 })).toThrow(new RangeError(message));
    await expect(gan.trainer.fit(data, { steps: 1, batchSize: 4 })).rejects.toThrow(message);
    expect({ weights: weightsOf(gan), tensors: tf.memory().numTensors }).toEqual(before);
    expect(gan.trainer.step).toBe(0);
  });

  const wrong = (got: string, name = 'handmade'): string =>
    `Cannot train: labels of the dataset '${name}' must be integers from 0 to 2, got ${got}`;
  const right = (): Partial<Batch> => ({ labels: int32(0, 1, 2, 0) });
  test.each<[string, () => Dataset | Promise<Dataset>, string]>([
    ['an unknown class', () => handmade(right, () => ({ labels: int32(0, 3, 2, 0) })), wrong('3')],
    ['a class below 0', () => handmade(right, () => ({ labels: int32(0, 1, -1, 0) })), wrong('-1')],
    [
      'an unknown class of a stream',
      () => streamOf([0, 1, 2, 0, 1, 5, 0, 0], { size: 8 }),
      wrong('5', 'stream'),
    ],
    [
      'labels that are no integers',
      () => handmade(right, () => ({ labels: tf.tensor1d([0, 1, 1.5, 0]) })),
      "Cannot train: a batch of the dataset 'handmade' must hold labels of dtype int32, got float32. Cast it in the dataset",
    ],
    [
      'labels of another shape',
      () => handmade(right, () => ({ labels: tf.zeros([4, 1], 'int32') as never })),
      "Cannot train: a batch of the dataset 'handmade' must have labels of the shape [null] and hold a sample, got [4, 1]",
    ],
    [
      'too few labels',
      () => handmade(right, () => ({ labels: int32(0, 1) })),
      "Cannot train: a batch of the dataset 'handmade' must have tensors with equal numbers of rows, got 4 of samples, 2 of labels",
    ],
    [
      'no labels in a batch',
      () => handmade(right, () => ({})),
      "Cannot train: a batch of the dataset 'handmade' must be { labels: a tensor }, got an object with labels undefined",
    ],
  ])('%s at its batch, and keeps what it learned before', async (_, make, message) => {
    using gan = classGan();
    const data = await make();
    await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    const state = async () => ({
      tensors: tf.memory().numTensors,
      weights: weightsOf(gan),
      drawn: drawn(gan),
      snapshot: await gan.trainer.snapshot(),
    });
    const before = await state();
    await expect(gan.trainer.fit(data, { epochs: 1, batchSize: 4 })).rejects.toMatchObject({
      message,
    });
    expect(await state()).toEqual(before);
  });

  test('a condition that the data do not give', async () => {
    using gan = createMlpGan({ ...small, condition: { size: 3 } });
    const fit = (data: Dataset) => gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    await expect(fit(plain)).rejects.toThrow(
      "Cannot train: the dataset 'plain' must return batches with 'condition', which the game 'adversarial' requires, got " +
        'samples only. Join datasets with paired({ samples, source }) or unpaired({ a, b })',
    );
    await expect(fit(paired({ samples: plain, condition: plain }))).rejects.toThrow(
      /condition .*\[3\], got \[2\]/,
    );
  });
});

describe('what data say of classes', () => {
  test('is warned of once, if the classes are unlike', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    using gan = classGan();
    const data = pointsOf([...cycle(8, 3), ...new Array<number>(40).fill(0)]);
    const told = (): unknown[] =>
      warn.mock.calls.flat().filter((text) => String(text).includes('classes'));
    await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    expect(told()).toEqual([
      "tfjs-gan: classes of the dataset 'points' come 2 to 43 times, so the rare ones are learned badly. Repeat their " +
        'samples, or leave some of the others out',
    ]);
    await gan.trainer.fit(pointsOf(cycle(12, 3)), { steps: 1, batchSize: 4 });
    expect(told()).toHaveLength(1);
  });

  test('may be left open by a stream and by a dataset of its own', async () => {
    const stream = await streamOf(cycle(8, 3), { size: 8 });
    for (const data of [stream, handmade(() => ({ labels: int32(0, 1, 2, 0) }))]) {
      using gan = classGan();
      await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
      expect(gan.trainer.step).toBe(1);
      expect(drawn(gan)).toEqual(drawn(classGan()));
    }
  });

  test('is kept of the conditions of a generator, and of nothing else', async () => {
    const gan = classGan();
    const rows = cycle(8, 8).map((i) => [i / 8, -i / 8]);
    const data = paired({
      samples: pointsOf(cycle(8, 3)),
      condition: datasetFromArray(rows),
    });
    await gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    const { description } = await gan.trainer.snapshot();
    expect(Object.keys(description.data!.conditions!)).toEqual(['labels']);
    gan.dispose();

    const { generator, discriminator } = createMlpGan({ ...small, condition: { size: 2 } });
    const trainer = new Trainer({
      generator: generator as never,
      discriminator: discriminator,
    });
    await trainer.fit(data, { steps: 1, batchSize: 4 });
    const { data: noted } = (await trainer.snapshot()).description;
    expect(Object.keys(noted!.conditions!)).toEqual(['condition']);
    expect(noted!.conditions!['condition']!.rows).toHaveLength(4);
    for (const part of [trainer, generator, discriminator]) part.dispose();
  });

  test('is not noted of a step that fails', async () => {
    let calls = 0;
    const failing: Loss = {
      ...linearLoss,
      generator: (fake) => {
        calls += 1;
        if (calls === 1) throw new Error('failed on purpose');
        return linearLoss.generator(fake);
      },
    };
    using gan = classGan({ loss: failing });
    const data = pointsOf([0, 1, 2, 2, 2, 2, 2, 2]);
    const [before, weights] = [drawn(gan), weightsOf(gan)];
    const tensors = tf.memory().numTensors;
    const fit = () => gan.trainer.fit(data, { steps: 1, batchSize: 4 });
    await expect(fit()).rejects.toThrow('failed on purpose');
    expect([drawn(gan), weightsOf(gan)]).toEqual([before, weights]);
    expect((await gan.trainer.snapshot()).description.data).toBeUndefined();
    expect(tf.memory().numTensors).toBe(tensors);
    await fit();
    expect(drawn(gan)).not.toEqual(before);
  });
});

/** The labels that the generator of a GAN of classes draws. */
function drawn({ generator }: ReturnType<typeof classGan>): number[] {
  return tf.tidy(() => [...generator.drawInputs('sample', 50, { seed: 1 })['labels']!.dataSync()]);
}

describe('a run that continues', () => {
  const labels = [0, 1, 2, 2, 0, 1, 1, 1, 2, 1, 0, 2, 1, 1, 2, 0];
  const vectors = labels.map((label, i) => [label / 2, Math.fround(Math.sin(i))]);
  const ema = { decay: 0.9 };

  test.each([
    ['labels that the discriminator is given', { classes: 3, conditioning: 'projection', ema }],
    ['labels that it tells', { classes: 3, conditioning: 'auxiliary', ema }],
    ['vectors that it is given', { condition: { size: 2 }, conditioning: 'concat', ema }],
    ['vectors that it tells', { condition: { size: 2 }, conditioning: 'auxiliary' }],
  ] as const)(
    'from the middle of an epoch is the same bit-for-bit, with %s',
    async (_, conditions) => {
      const make = () =>
        createMlpGan({ ...small, ...conditions, updatesPerStep: { discriminator: 2 } } as never);
      const data = paired({
        samples: pointsOf(labels),
        condition: datasetFromArray(vectors, { name: 'vectors' }),
      });
      const until = (steps: number) => ({ until: { steps }, batchSize: 2 });

      using unbroken = make();
      await unbroken.trainer.fit(data, until(7));

      const first = make();
      await first.trainer.fit(data, until(3));
      const snapshot = revive(JSON.stringify(await first.trainer.snapshot()));
      const asLeft = samplesOf(first);
      first.dispose();
      using second = make();
      await second.trainer.restore(snapshot);
      // What the generator draws came back with it.
      expect(samplesOf(second)).toEqual(asLeft);
      await second.trainer.fit(data, until(7));

      expect(weightsOf(second)).toEqual(weightsOf(unbroken));
      expect(timeless(second.trainer.history.steps)).toEqual(
        timeless(unbroken.trainer.history.steps),
      );
      expect(samplesOf(second)).toEqual(samplesOf(unbroken));
      const [a, b] = [await second.trainer.snapshot(), await unbroken.trainer.snapshot()];
      expect({ ...a, history: 0 }).toEqual({ ...b, history: 0 });
    },
  );

  test('refuses a snapshot of other conditions', async () => {
    const make = (options: object) => createMlpGan({ ...small, classes: 3, ...options });
    using first = make({ conditioning: 'auxiliary' });
    const snapshot = await first.trainer.snapshot();
    const others = [
      [
        { conditioning: 'auxiliary', auxiliaryWeights: { generator: 0.1 } },
        'auxiliaryWeights.generator: was 1, is 0.1',
      ],
      [{ conditioning: 'projection' }, 'heads: was classes, is none'],
    ] as const;
    for (const [options, difference] of others) {
      using other = make(options);
      const weights = weightsOf(other);
      await expect(other.trainer.restore(snapshot)).rejects.toThrow(difference);
      expect(weightsOf(other)).toEqual(weights);
    }
  });
});

/** What a GAN creates if nothing is requested. */
function samplesOf({ generator }: ReturnType<typeof createMlpGan>): number[] {
  return tf.tidy(() => [...generator.sample(20, { seed: 3 }).dataSync()]);
}

/** A snapshot of a file: its numbers as text, but for those of weights. */
function revive(text: string): TrainerSnapshot {
  return JSON.parse(text, (key, value: unknown) =>
    key === 'values' ? Float32Array.from(Object.values(value as Record<string, number>)) : value,
  ) as TrainerSnapshot;
}

test('a discriminator takes labels of a batch into an input without an axis', async () => {
  const [samples, labels] = [tf.input({ shape: [2] }), tf.input({ shape: [], dtype: 'int32' })];
  const rows = tf.layers.embedding({ inputDim: 3, outputDim: 2 }).apply(labels);
  const both = tf.layers.multiply().apply([samples, rows as tf.SymbolicTensor]);
  const model = tf.model({
    inputs: [samples, labels],
    outputs: tf.layers.dense({ units: 1 }).apply(both) as tf.SymbolicTensor,
  });
  const discriminator = new Discriminator({
    model,
    inputs: ['samples', 'labels'],
    ownsModel: true,
  });
  const { generator } = classGan();
  const trainer = new Trainer({
    generator: generator as never,
    discriminator: discriminator,
  });
  const { steps } = await trainer.fit(pointsOf(cycle(12, 3)), { steps: 2, batchSize: 4 });
  expect(steps.every(({ losses }) => Number.isFinite(losses.discriminator))).toBe(true);
  for (const part of [trainer, generator, discriminator]) part.dispose();
});
