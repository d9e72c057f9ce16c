import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { datasetFromArray } from '../../../src/data/from-array.ts';
import { evaluate } from '../../../src/metrics/evaluate.ts';
import { featureExtractor } from '../../../src/metrics/features/make-extractor.ts';
import {
  evaluateEvery,
  type EvaluateEveryOptions,
  type EvaluationRecord,
} from '../../../src/training/callbacks/evaluate-every.ts';
import { saveGenerator } from '../../../src/training/callbacks/save-generator.ts';
import type { Callback } from '../../../src/training/callback.ts';
import { blobs, tinyDcgan, weightsOf } from '../../support/tiny-gan.ts';
import { twoGenerators } from '../../support/two-generators.ts';

const features = featureExtractor((images) => tf.tidy(() => tf.mean(images, [2, 3])), {
  name: 'means of rows',
  inputShape: [8, 8, 1],
});

/** Settings whose one figure is what a list says, evaluation by evaluation. */
function saying(...values: number[]): EvaluateEveryOptions {
  const left = [...values];
  return { features, samples: 8, seeds: 1, metrics: { said: () => left.shift() ?? NaN } };
}

/** Where a generator is saved, which notes the step only. */
function noting(saved: number[], step: number): tf.io.IOHandler {
  return tf.io.withSaveHandler(async (artifacts) => {
    saved.push(step);
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  });
}

describe('evaluateEvery', () => {
  test('evaluates after the steps it was told and writes down the same as evaluate', async () => {
    const gan = tinyDcgan();
    const judge = evaluateEvery({ steps: 2 }, { features, samples: 40, seeds: 2 });
    await gan.trainer.fit(blobs(), { steps: 5, batchSize: 8, callbacks: [judge] });
    expect(judge.records.map(({ step }) => step)).toEqual([2, 4]);
    expect(judge.records[0]).toMatchObject({ samples: 40, seeds: [0, 1], dataset: 'blobs' });
    expect(judge.records[0]!.figures['frechet']!.mean).toBeGreaterThan(0);
  });

  test('evaluates after epochs, on the data it was given', async () => {
    const held = { ...blobs(), name: 'held out' };
    const judge = evaluateEvery({ epochs: 1 }, { ...saying(1, 2), dataset: held });
    await tinyDcgan().trainer.fit(blobs(40), { epochs: 2, batchSize: 20, callbacks: [judge] });
    expect(judge.records.map(({ step, dataset }) => [step, dataset])).toEqual([
      [2, 'held out'],
      [4, 'held out'],
    ]);
  });

  test.each([
    { mode: 'min' as const, said: [3, 1, NaN, 2, 1, 0.5], kept: [1, 2, 6] },
    { mode: 'max' as const, said: [NaN, 1, 3, 2, 3, 4], kept: [2, 3, 6] },
  ])('names the best, and saveGenerator saves it: $mode', async ({ mode, said, kept }) => {
    const saved: number[] = [];
    const judge = evaluateEvery({ steps: 1 }, saying(...said));
    const keeper = saveGenerator((step) => noting(saved, step), {
      every: { steps: 1 },
      best: judge.monitor('said', mode),
    });
    expect(judge.best('said', mode)).toBeUndefined();
    const callbacks = [judge, keeper];
    await tinyDcgan().trainer.fit(blobs(), { steps: 6, batchSize: 8, callbacks });
    expect(saved).toEqual(kept);
    expect(judge.best('said', mode)?.step).toBe(6);
  });

  test('records each number that a function returns, also those of objects within', async () => {
    const gan = tinyDcgan();
    let calls = 0;
    const judge = evaluateEvery(
      { steps: 2 },
      {
        figures: ({ trainer }) => ({
          step: trainer.step,
          trends: { mean: 1 / (calls += 1), pairs: [1, 2], more: { deep: NaN } },
          name: 'left out',
          nothing: null,
        }),
      },
    );
    const logged: unknown[] = [];
    const log: Callback = { onLog: ({ values }) => void logged.push(values) };
    await gan.trainer.fit(blobs(), { steps: 4, batchSize: 8, callbacks: [judge, log] });
    expect(judge.records[1]).toEqual({
      step: 4,
      figures: {
        step: { mean: 4, deviation: 0, values: [4] },
        'trends.mean': { mean: 0.5, deviation: 0, values: [0.5] },
        'trends.more.deep': { mean: NaN, deviation: 0, values: [NaN] },
      },
    });
    expect(logged).toEqual([
      { 'evaluation/step': 2, 'evaluation/trends.mean': 1, 'evaluation/trends.more.deep': NaN },
      { 'evaluation/step': 4, 'evaluation/trends.mean': 0.5, 'evaluation/trends.more.deep': NaN },
    ]);
    expect(judge.best('trends.mean', 'max')?.step).toBe(2);
    expect(judge.best('trends.more.deep')).toBeUndefined();
  });

  test.each<[object, string]>([
    [{ figures: 3 }, 'figures must be a function, got 3'],
    [
      { figures: () => ({}), samples: 9 },
      "options must have only the names previous, figures, got 'samples'",
    ],
  ])('refuses %j', (options, message) => {
    expect(() => evaluateEvery({ steps: 1 }, options as never)).toThrow(
      `Cannot evaluate during training: ${message}`,
    );
  });

  test.each([{ pairs: [1] }, undefined, 3])('refuses figures without numbers: %j', async (said) => {
    const judge = evaluateEvery({ steps: 1 }, { figures: () => said as never });
    const fitted = tinyDcgan().trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [judge] });
    await expect(fitted).rejects.toThrow('figures must return numbers by name, got');
  });

  test('continues from records of before', async () => {
    const record = {
      step: 1,
      figures: { said: { mean: 2, deviation: 0, values: [2] } },
    } as unknown as EvaluationRecord;
    const saved: number[] = [];
    const judge = evaluateEvery({ steps: 1 }, { ...saying(3, 1), previous: [record] });
    expect(judge.best('said')).toBe(record);
    const keeper = saveGenerator((step) => noting(saved, step), {
      every: { steps: 1 },
      best: judge.monitor('said'),
      bestSoFar: judge.best('said')?.figures['said']?.mean,
    });
    const callbacks = [judge, keeper];
    await tinyDcgan().trainer.fit(blobs(), { steps: 2, batchSize: 8, callbacks });
    expect(saved).toEqual([2]);
    expect(judge.records).toHaveLength(3);
  });

  test('has no value for steps that were not judged', async () => {
    const seen: number[] = [];
    const judge = evaluateEvery({ steps: 2 }, saying(5, 4));
    const { value } = judge.monitor('said');
    const look: Callback = {
      onStepEnd: async (step, run) => void seen.push(await value(step, run)),
    };
    const callbacks = [judge, look];
    await tinyDcgan().trainer.fit(blobs(), { steps: 4, batchSize: 8, callbacks });
    expect(seen).toEqual([NaN, 5, NaN, 4]);
  });

  test('judges each of several generators under its name', async () => {
    const { trainer, dispose } = twoGenerators();
    const logged: string[] = [];
    const look: Callback = { onLog: ({ values }) => void logged.push(...Object.keys(values)) };
    const other = { ...blobs(), name: 'others' };
    const settings = { features, samples: 8, seeds: 1 };
    const judge = evaluateEvery(
      { steps: 1 },
      { ...settings, dataset: { day: blobs(), night: other } },
    );
    const one = evaluateEvery({ steps: 1 }, { ...settings, dataset: { night: blobs() } });
    const both = evaluateEvery({ steps: 1 }, settings);
    const callbacks = [judge, one, both, look];
    await trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks });
    const [record] = judge.records;
    const names = ['frechet', 'prdc.precision', 'prdc.recall', 'prdc.density', 'prdc.coverage'];
    const named = ['day', 'night'].flatMap((name) => names.map((figure) => `${name}/${figure}`));
    expect(Object.keys(record!.figures).sort()).toEqual(named.sort());
    expect(record).toMatchObject({ step: 1, samples: 8, dataset: 'blobs, others' });
    expect(logged).toContain('evaluation/night/frechet');
    expect(judge.best('night/frechet')).toBe(record);
    expect(Object.keys(one.records[0]!.figures).every((name) => name.startsWith('night/'))).toBe(
      true,
    );
    expect(both.records[0]!.figures).toEqual(record!.figures);
    const alone = await evaluate(trainer.game.generators['night']!, blobs(), settings);
    expect(one.records[0]!.figures['night/frechet']).toEqual(alone.figures['frechet']);
    for (const [dataset, message] of [
      [{ dusk: blobs() }, "dataset must have only the names day, night, got 'dusk'"],
      [{}, 'dataset must be a dataset, or those of day, night by name, got none'],
    ] as const) {
      const wrong = evaluateEvery({ steps: 1 }, { ...settings, dataset });
      await expect(
        trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [wrong] }),
      ).rejects.toThrow(`Cannot evaluate during training: ${message}`);
    }
    dispose();
  });

  test('judges a generator that takes labels by the classes it draws', async () => {
    const { generator, trainer } = tinyDcgan({ classes: 2 } as object);
    const judge = evaluateEvery({ steps: 1 }, { ...saying(), metrics: {}, samples: 300 });
    const values = Float32Array.from({ length: 16 * 64 }, (_, i) => Math.sin(i));
    const labels = values.slice(0, 16).map((_, i) => i % 2);
    const data = datasetFromArray(values, { sampleShape: [8, 8, 1], labels });
    const seen: tf.Tensor[] = [];
    const metrics = {
      keep: (_: tf.Tensor, fake: tf.Tensor) => (seen.push(tf.keep(fake.clone())), 0),
    };
    const before = tf.memory().numTensors;
    await evaluate(generator, data, { features, samples: 300, seeds: [5], metrics });
    expect(tf.memory().numTensors).toBe(before + 1);
    const wanted = tf.tidy(() => tf.mean(generator.sample(300, { seed: 5 }), [2, 3]).dataSync());
    expect(await seen[0]!.data()).toEqual(wanted);
    await trainer.fit(data, { steps: 1, batchSize: 8, callbacks: [judge] });
    expect(judge.records).toHaveLength(1);
  });

  test('does not move the training', async () => {
    const judged = tinyDcgan();
    const judge = evaluateEvery({ steps: 1 }, { features, samples: 40, seeds: 1 });
    await judged.trainer.fit(blobs(), { steps: 3, batchSize: 8, callbacks: [judge] });
    const alone = tinyDcgan();
    await alone.trainer.fit(blobs(), { steps: 3, batchSize: 8 });
    expect(weightsOf(judged)).toEqual(weightsOf(alone));
  });

  test('refuses what it cannot use, and names the figures there are', async () => {
    expect(() => evaluateEvery({ steps: 0 }, saying())).toThrow(
      'Cannot evaluate during training: every.steps must be a positive integer, got 0',
    );
    const judge = evaluateEvery({ steps: 1 }, saying(1));
    expect(() => judge.monitor('said', 'smaller' as never)).toThrow(
      "Cannot watch a figure: mode must be one of 'min', 'max', got 'smaller'",
    );
    expect(() => judge.best(3 as never)).toThrow(
      "Cannot watch a figure: figure must be its name, such as 'frechet', got 3",
    );
    const keeper = saveGenerator('file://nowhere', {
      every: { steps: 1 },
      best: judge.monitor('fid'),
    });
    await expect(
      tinyDcgan().trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [judge, keeper] }),
    ).rejects.toThrow("Cannot watch a figure: figure must be one of 'said', got 'fid'");
    expect(() => judge.best('fid')).toThrow("figure must be one of 'said', got 'fid'");
  });
});
