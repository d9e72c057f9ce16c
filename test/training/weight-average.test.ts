import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  Generator,
  type Loss,
  TrainingDivergedError,
  type TrainerOptions,
  Trainer,
  useBackend,
} from 'tfjs-gan';
import { modelWeights } from '../../src/models/model-weights.ts';
import { blobs, linearLoss, tinyDcgan } from '../support/tiny-gan.ts';
import { smallData, smallGame } from '../contracts/training-contract.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Trainable weights as they are trained. */
const rawOf = (generator: Generator): number[] =>
  generator.model.trainableWeights.flatMap((weight) => [...weight.read().dataSync()]);

/** What it samples with, or what it trains. */
const samplesOf = (generator: Generator, averaged = true): number[] =>
  tf.tidy(() => [...generator.sample(3, { seed: 1, averaged }).dataSync()]);

/** What a model with given trainable weights would make. */
function samplesWith(generator: Generator, values: readonly number[]): number[] {
  let at = 0;
  const weights = modelWeights(generator.model).filter((weight) => weight.trainable);
  const before = weights.map((weight) => weight.read().clone());
  for (const weight of weights) {
    const { size, shape } = weight.read();
    tf.tidy(() => {
      weight.restore(tf.tensor(values.slice(at, at + size), shape));
    });
    at += size;
  }
  const samples = samplesOf(generator, false);
  weights.forEach((weight, i) => {
    weight.restore(before[i]!);
  });
  tf.dispose(before);
  return samples;
}

const handler = (): { io: tf.io.IOHandler; saved: tf.io.ModelArtifacts[] } => {
  const saved: tf.io.ModelArtifacts[] = [];
  const io = tf.io.withSaveHandler((artifacts) => {
    saved.push(artifacts);
    return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
  });
  return { io, saved };
};

describe.each(['cpu', 'wasm-train'] as const)('weightAverage on %s', (backend) => {
  test.each([
    [0.9, 0],
    [0.5, 4],
  ])('follows the closed form over 10 steps, decay %d from step %d', async (decay, from) => {
    await useBackend(backend);
    const gan = tinyDcgan({ weightAverage: { decay, from } });
    const plain = tinyDcgan();
    let average = rawOf(gan.generator);
    let seen = 0;
    for await (const step of gan.trainer.steps(blobs(), { steps: 10, batchSize: 4 })) {
      seen = step.number;
      const raw = rawOf(gan.generator);
      const kept = step.number > from ? decay : 0;
      average = average.map((value, i) => kept * value + (1 - kept) * (raw[i] ?? Number.NaN));
      const snapshot = await gan.trainer.snapshot();
      const held = Object.values(snapshot.parts['weightAverage'] ?? {}).flatMap(({ values }) => [
        ...values,
      ]);
      expect(held).toHaveLength(average.length);
      held.forEach((value, i) => {
        const wanted = average[i] ?? Number.NaN;
        expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-5 * Math.abs(wanted) + 1e-9);
      });
      const wanted = samplesWith(gan.generator, average);
      samplesOf(gan.generator).forEach((value, i) => {
        expect(value).toBeCloseTo(wanted[i] ?? Number.NaN, 4);
      });
    }
    expect(seen).toBe(10);
    // Training itself goes on with the last weights, as if there were no average.
    await plain.trainer.fit(blobs(), { steps: 10, batchSize: 4 });
    expect(rawOf(gan.generator)).toEqual(rawOf(plain.generator));
    expect(samplesOf(gan.generator, false)).toEqual(samplesOf(plain.generator));
    expect(samplesOf(gan.generator)).not.toEqual(samplesOf(plain.generator));
    gan.dispose();
    plain.dispose();
    await useBackend('cpu');
  });

  test('goes on to the bit from a snapshot', async () => {
    await useBackend(backend);
    const make = () => tinyDcgan({ weightAverage: { decay: 0.8, from: 1 } });
    const undisturbed = make();
    await undisturbed.trainer.fit(blobs(), { steps: 7, batchSize: 4 });
    const first = make();
    await first.trainer.fit(blobs(), { steps: 3, batchSize: 4 });
    const snapshot = await first.trainer.snapshot();
    const second = make();
    await second.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    await second.trainer.restore(snapshot);
    expect(samplesOf(second.generator)).toEqual(samplesOf(first.generator));
    await second.trainer.fit(blobs(), { until: { steps: 7 }, batchSize: 4 });
    expect(samplesOf(second.generator)).toEqual(samplesOf(undisturbed.generator));
    expect((await second.trainer.snapshot()).parts).toEqual(
      (await undisturbed.trainer.snapshot()).parts,
    );
    for (const gan of [undisturbed, first, second]) gan.dispose();
    await useBackend('cpu');
  });

  test('is what is saved, and what is loaded', async () => {
    await useBackend(backend);
    const gan = tinyDcgan({ weightAverage: { decay: 0.8 } });
    await gan.trainer.fit(blobs(), { steps: 3, batchSize: 4 });
    const { io, saved } = handler();
    const tensors = tf.memory().numTensors;
    // Training goes on while it is being saved.
    const training = gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const [samples, raw] = [samplesOf(gan.generator), samplesOf(gan.generator, false)];
    await Promise.all([gan.generator.save(io), gan.generator.save(io, { averaged: false })]);
    await training;
    expect(tf.memory().numTensors).toBe(tensors);
    for (const [i, wanted] of [samples, raw].entries()) {
      const loaded = await Generator.load(tf.io.fromMemory(saved[i]!));
      expect(loaded.hasAveragedWeights).toBe(false);
      expect(samplesOf(loaded)).toEqual(wanted);
      loaded.dispose();
    }
    gan.dispose();
    await useBackend('cpu');
  });
});

describe('averaged weights', () => {
  test('stay with the generator when the trainer goes, and leave with the generator', async () => {
    const start = tf.memory().numTensors;
    const gan = tinyDcgan({ weightAverage: {} });
    const made = tf.memory().numTensors;
    const counts = new Set<number>();
    for await (const step of gan.trainer.steps(blobs(), { steps: 5, batchSize: 4 })) {
      if (step.number > 1) counts.add(tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    expect(tf.memory().numTensors).toBe(made);
    const samples = samplesOf(gan.generator);
    gan.trainer.dispose();
    expect(gan.generator.hasAveragedWeights).toBe(true);
    expect(samplesOf(gan.generator)).toEqual(samples);
    gan.generator.forgetAveragedWeights();
    expect(samplesOf(gan.generator)).toEqual(samplesOf(gan.generator, false));
    gan.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  test('are shared by trainers of one generator, and not left behind by one that does not average', async () => {
    const gan = tinyDcgan({ weightAverage: { decay: 0.8 } });
    await gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    const samples = samplesOf(gan.generator);
    const { generator, discriminator } = gan;
    expect(() => new Trainer({ generator, discriminator })).toThrow(
      'Cannot create a Trainer: weightAverage must be given for a generator that has averaged weights, whose samples ' +
        'would else stay behind what is trained, got none. Give it, or call generator.forgetAveragedWeights() first',
    );
    const second = new Trainer({ generator, discriminator, weightAverage: { decay: 0.8 } });
    expect(samplesOf(generator)).toEqual(samples);
    await second.fit(blobs(), { steps: 1, batchSize: 4 });
    expect(samplesOf(generator)).not.toEqual(samples);
    second.dispose();
    generator.forgetAveragedWeights();
    new Trainer({ generator, discriminator }).dispose();
    gan.dispose();
  });

  test('are put back when a step fails', async () => {
    let failing = false;
    const loss: Loss = {
      ...linearLoss,
      generator: (fake) =>
        tf.tidy(() => tf.mul(linearLoss.generator(fake), failing ? Number.NaN : 1).asScalar()),
    };
    const gan = tinyDcgan({ loss, weightAverage: { decay: 0.5 } });
    await gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    const [samples, tensors] = [samplesOf(gan.generator), tf.memory().numTensors];
    failing = true;
    await expect(gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 })).rejects.toBeInstanceOf(
      TrainingDivergedError,
    );
    expect(samplesOf(gan.generator)).toEqual(samples);
    expect(tf.memory().numTensors).toBe(tensors);
    gan.dispose();
  });

  test('leave the weights that are trained in place when a pass fails', () => {
    const game = smallGame({ weightAverage: {} });
    const before = game.weights();
    const { model } = game.generator;
    const apply = model.apply.bind(model);
    model.apply = () => {
      throw new Error('mine');
    };
    expect(() => game.generator.sample(1)).toThrow('mine');
    model.apply = apply;
    expect(game.weights()).toEqual(before);
    game.dispose();
  });

  test('are named in the configuration, and refused where they differ', async () => {
    const [gan, other, none] = [{ decay: 0.9 }, { decay: 0.99 }, undefined].map((weightAverage) =>
      smallGame({ weightAverage }),
    ) as [ReturnType<typeof smallGame>, ReturnType<typeof smallGame>, ReturnType<typeof smallGame>];
    await gan.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
    const snapshot = await gan.trainer.snapshot();
    await expect(other.trainer.restore(snapshot)).rejects.toThrow(
      'weightAverage.decay: was 0.9, is 0.99',
    );
    await expect(none.trainer.restore(snapshot)).rejects.toThrow(
      'weightAverage.decay: was 0.9, is none',
    );
    await expect(gan.trainer.restore(await none.trainer.snapshot())).rejects.toThrow(
      'weightAverage 0.dense/kernel: was none, is [3, 18]',
    );
    // To leave the average out is a choice; to begin one in the middle is not.
    await none.trainer.restore(snapshot, { allow: ['weightAverage.decay', 'weightAverage.from'] });
    expect(none.weights()).toEqual(gan.weights());
    for (const game of [gan, other, none]) game.dispose();
  });

  test.each<[TrainerOptions['weightAverage'], string]>([
    [{ decay: 1 }, 'weightAverage.decay must be at least 0 and less than 1, got 1'],
    [{ decay: Number.NaN }, 'weightAverage.decay must be at least 0 and less than 1, got NaN'],
    [{ from: -1 }, 'weightAverage.from must be an integer of at least 0, got -1'],
    [true as never, 'weightAverage must be an object of settings, got true'],
    [[] as never, 'weightAverage must be an object of settings, got []'],
    [new Date(0) as never, 'weightAverage must be an object of settings, got an instance of Date'],
    [{ decy: 0.9 } as never, "weightAverage must have no other names than decay, from, got 'decy'"],
    [
      { decay: 0.9, start: 5 } as never,
      "weightAverage must have no other names than decay, from, got 'start'",
    ],
  ])('refuse %o', (weightAverage, message) => {
    expect(() => tinyDcgan({ weightAverage })).toThrow(`Cannot create a Trainer: ${message}`);
  });
});
