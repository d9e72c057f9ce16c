import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { featureExtractor } from '../../../src/metrics/features/make-extractor.ts';
import {
  evaluateEvery,
  type EvaluateEveryOptions,
  type EvaluationRecord,
} from '../../../src/training/callbacks/evaluate-every.ts';
import { saveGenerator } from '../../../src/training/callbacks/save-generator.ts';
import type { Callback } from '../../../src/training/callback.ts';
import { blobs, tinyDcgan, weightsOf } from '../../support/tiny-gan.ts';

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

  test('goes on from records of before', async () => {
    const record = {
      step: 1,
      figures: { said: { mean: 2, deviation: 0, values: [2] } },
    } as unknown as EvaluationRecord;
    const saved: number[] = [];
    const judge = evaluateEvery({ steps: 1 }, { ...saying(3, 1), previous: [record] });
    expect(judge.best('said')).toBe(record);
    const keeper = saveGenerator((step) => noting(saved, step), {
      ...{ every: { steps: 1 }, best: judge.monitor('said') },
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
