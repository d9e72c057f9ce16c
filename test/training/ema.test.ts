import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  Generator,
  type Loss,
  TrainingDivergedError,
  type TrainerOptions,
  Trainer,
  type UpdateProgress,
  useBackend,
} from 'tfjs-gan';
import { modelWeights } from '../../src/models/model-weights.ts';
import { blobs, linearLoss, tinyDcgan } from '../support/tiny-gan.ts';
import { smallData, smallGame } from '../contracts/training-contract.ts';
import '../support/on-cpu.ts';

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

describe.each(['cpu', 'wasm-train'] as const)('ema on %s', (backend) => {
  test.each([
    [0.9, 0],
    [0.5, 4],
  ])('follows the closed form over 10 steps, decay %d from step %d', async (decay, startStep) => {
    await useBackend(backend);
    const gan = tinyDcgan({ ema: { decay, startStep } });
    const plain = tinyDcgan();
    let average = rawOf(gan.generator);
    let seen = 0;
    for await (const step of gan.trainer.steps(blobs(), { steps: 10, batchSize: 4 })) {
      seen = step.number;
      const raw = rawOf(gan.generator);
      const kept = step.number > startStep ? decay : 0;
      average = average.map((value, i) => kept * value + (1 - kept) * (raw[i] ?? Number.NaN));
      const snapshot = await gan.trainer.snapshot();
      const held = Object.values(snapshot.parts['ema/generator'] ?? {}).flatMap(({ values }) => [
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
    // Training itself continues with the last weights, as if there were no average.
    await plain.trainer.fit(blobs(), { steps: 10, batchSize: 4 });
    expect(rawOf(gan.generator)).toEqual(rawOf(plain.generator));
    expect(samplesOf(gan.generator, false)).toEqual(samplesOf(plain.generator));
    expect(samplesOf(gan.generator)).not.toEqual(samplesOf(plain.generator));
    gan.dispose();
    plain.dispose();
    await useBackend('cpu');
  });

  test('continues bit-for-bit from a snapshot', async () => {
    await useBackend(backend);
    const make = () => tinyDcgan({ ema: { decay: 0.8, startStep: 1 } });
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
    const gan = tinyDcgan({ ema: { decay: 0.8 } });
    await gan.trainer.fit(blobs(), { steps: 3, batchSize: 4 });
    const { io, saved } = handler();
    const tensors = tf.memory().numTensors;
    // Training continues while it is being saved.
    const training = gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const [samples, raw] = [samplesOf(gan.generator), samplesOf(gan.generator, false)];
    await Promise.all([gan.generator.save(io), gan.generator.save(io, { averaged: false })]);
    await training;
    expect(tf.memory().numTensors).toBe(tensors);
    for (const [i, wanted] of [samples, raw].entries()) {
      using loaded = await Generator.load(tf.io.fromMemory(saved[i]!));
      expect(loaded.hasEma).toBe(false);
      expect(samplesOf(loaded)).toEqual(wanted);
    }
    gan.dispose();
    await useBackend('cpu');
  });
});

describe('averaged weights', () => {
  test('stay with the generator when the trainer goes, and leave with the generator', async () => {
    const start = tf.memory().numTensors;
    const gan = tinyDcgan({ ema: {} });
    const made = tf.memory().numTensors;
    const counts = new Set<number>();
    for await (const step of gan.trainer.steps(blobs(), { steps: 5, batchSize: 4 })) {
      if (step.number > 1) counts.add(tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    expect(tf.memory().numTensors).toBe(made);
    const samples = samplesOf(gan.generator);
    gan.trainer.dispose();
    expect(gan.generator.hasEma).toBe(true);
    expect(samplesOf(gan.generator)).toEqual(samples);
    gan.generator.clearEma();
    expect(samplesOf(gan.generator)).toEqual(samplesOf(gan.generator, false));
    gan.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  test('are shared by trainers of one generator, and not left behind by one that does not average', async () => {
    using gan = tinyDcgan({ ema: { decay: 0.8 } });
    await gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    const samples = samplesOf(gan.generator);
    const { generator, discriminator } = gan;
    expect(() => new Trainer({ generator, discriminator })).toThrow(
      'Cannot create a Trainer: ema must be given for a generator that has averaged weights, because its samples ' +
        'would otherwise use outdated weights, got none. Pass it, or call generator.clearEma() first',
    );
    const second = new Trainer({ generator, discriminator, ema: { decay: 0.8 } });
    expect(samplesOf(generator)).toEqual(samples);
    await second.fit(blobs(), { steps: 1, batchSize: 4 });
    expect(samplesOf(generator)).not.toEqual(samples);
    second.dispose();
    generator.clearEma();
    new Trainer({ generator, discriminator }).dispose();
  });

  test('are put back when a step fails', async () => {
    let failing = false;
    const loss: Loss = {
      ...linearLoss,
      generator: (fake) =>
        tf.tidy(() => tf.mul(linearLoss.generator(fake), failing ? Number.NaN : 1).asScalar()),
    };
    using gan = tinyDcgan({ loss, ema: { decay: 0.5 } });
    await gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    const [samples, tensors] = [samplesOf(gan.generator), tf.memory().numTensors];
    failing = true;
    await expect(gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 })).rejects.toBeInstanceOf(
      TrainingDivergedError,
    );
    expect(samplesOf(gan.generator)).toEqual(samples);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('leave the weights that are trained in place when a pass fails', () => {
    using game = smallGame({ ema: {} });
    const before = game.weights();
    const layer = game.generator.model.layers.at(-1);
    layer.call = () => {
      throw new Error('mine');
    };
    expect(() => game.generator.sample(1)).toThrow('mine');
    expect(game.weights()).toEqual(before);
  });

  test('are named in the configuration, and refused if they differ', async () => {
    const [gan, other, none] = [{ decay: 0.9 }, { decay: 0.99 }, undefined].map((ema) =>
      smallGame({ ema }),
    ) as [ReturnType<typeof smallGame>, ReturnType<typeof smallGame>, ReturnType<typeof smallGame>];
    await gan.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
    const snapshot = await gan.trainer.snapshot();
    await expect(other.trainer.restore(snapshot)).rejects.toThrow(
      'ema.generator.decay: was 0.9, is 0.99',
    );
    await expect(none.trainer.restore(snapshot)).rejects.toThrow(
      'ema.generator.decay: was 0.9, is none',
    );
    await expect(gan.trainer.restore(await none.trainer.snapshot())).rejects.toThrow(
      'ema/generator 0.dense/kernel: was none, is [3, 18]',
    );
    // To leave the average out is a choice; to begin one in the middle is not.
    await none.trainer.restore(snapshot, {
      allow: ['ema.generator.decay', 'ema.generator.startStep'],
    });
    expect(none.weights()).toEqual(gan.weights());
    for (const game of [gan, other, none]) game.dispose();
  });

  test.each<[TrainerOptions['ema'], string]>([
    [{ decay: 1 }, 'ema.decay must be at least 0 and less than 1, got 1'],
    [{ decay: Number.NaN }, 'ema.decay must be at least 0 and less than 1, got NaN'],
    [{ startStep: -1 }, 'ema.startStep must be an integer of at least 0, got -1'],
    [true as never, 'ema must be an object of settings, got true'],
    [[] as never, 'ema must be an object of settings, got []'],
    [new Date(0) as never, 'ema must be an object of settings, got an instance of Date'],
    [{ decy: 0.9 } as never, "ema must have only the names decay, halfLife, startStep, got 'decy'"],
    [
      { decay: 0.9, start: 5 } as never,
      "ema must have only the names decay, halfLife, startStep, got 'start'",
    ],
  ])('refuse %o', (ema, message) => {
    expect(() => tinyDcgan({ ema })).toThrow(`Cannot create a Trainer: ${message}`);
  });
});

describe('ema with halfLife', () => {
  test('is new by half after as many samples, and follows a schedule', async () => {
    const halfLife = {
      name: 'grows',
      valueAt: ({ samples }: UpdateProgress): number => 4 * samples,
    };
    using gan = tinyDcgan({ ema: { halfLife } });
    const weight = modelWeights(gan.generator.model).find(({ trainable }) => trainable)!;
    let wanted = await weight.read().data();
    for await (const step of gan.trainer.steps(blobs(), { steps: 4, batchSize: 4 })) {
      const now = await weight.read().data();
      // Before the first step no sample was seen: a half-life of 0 copies the weights.
      const kept = step.number === 1 ? 0 : 0.5 ** (4 / (4 * 4 * (step.number - 1)));
      wanted = wanted.map((value, i) => kept * value + (1 - kept) * now[i]!);
    }
    const { values } = (await gan.trainer.snapshot()).parts['ema/generator']![weight.key]!;
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 6);
    });
  });

  test('and decay are one too many', () => {
    expect(() => tinyDcgan({ ema: { decay: 0.9, halfLife: 100 } })).toThrow(
      'Cannot create a Trainer: ema must have one of decay and halfLife, got both. Leave one out',
    );
  });
});
