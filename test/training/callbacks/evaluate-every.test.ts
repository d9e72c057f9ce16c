import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { featureExtractor } from '../../../src/metrics/features/make-extractor.ts';
import {
  evaluateEvery,
  type EvaluateEveryOptions,
  type EvaluationRecord,
} from '../../../src/training/callbacks/evaluate-every.ts';
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

describe('evaluateEvery', () => {
  test('evaluates after the steps it was told and writes down the same as evaluate', async () => {
    const gan = tinyDcgan();
    const judge = evaluateEvery({ steps: 2 }, { features, samples: 40, seeds: 2 });
    await gan.trainer.fit(blobs(), { steps: 5, batchSize: 8, callbacks: [judge] });
    expect(judge.records.map(({ step }) => step)).toEqual([2, 4]);
    expect(judge.records[0]).toMatchObject({ samples: 40, seeds: [0, 1], dataset: 'blobs' });
    expect(judge.records[0]!.figures['frechet']!.mean).toBeGreaterThan(0);
    expect(judge.best).toBeUndefined();
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
    { mode: 'min' as const, said: [3, 1, NaN, 2, 1, 0.5], kept: [3, 1, 0.5] },
    { mode: 'max' as const, said: [NaN, 1, 3, 2, 3, 4], kept: [1, 3, 4] },
  ])('calls onBest each time the figure is best: $mode', async ({ mode, said, kept }) => {
    const seen: number[] = [];
    const onBest = (record: EvaluationRecord): void => void seen.push(record.figures['said']!.mean);
    const judge = evaluateEvery(
      { steps: 1 },
      { ...saying(...said), keepBest: { figure: 'said', mode, onBest } },
    );
    await tinyDcgan().trainer.fit(blobs(), { steps: 6, batchSize: 8, callbacks: [judge] });
    expect(seen).toEqual(kept);
    expect(judge.best?.step).toBe(6);
  });

  test('shows onBest the generator that was judged', async () => {
    const gan = tinyDcgan();
    let shown: number[][] = [];
    const judge = evaluateEvery(
      { steps: 1 },
      {
        ...saying(1, 5, 5),
        keepBest: { figure: 'said', onBest: (_, { trainer }) => { shown = weightsOf(trainer); } }, // prettier-ignore
      },
    );
    const reference = tinyDcgan();
    await reference.trainer.fit(blobs(), { steps: 1, batchSize: 8 });
    await gan.trainer.fit(blobs(), { steps: 3, batchSize: 8, callbacks: [judge] });
    expect(shown).toEqual(weightsOf(reference));
  });

  test('goes on from records of before', async () => {
    const record = {
      step: 1,
      figures: { said: { mean: 2, deviation: 0, values: [2] } },
    } as unknown as EvaluationRecord;
    const seen: number[] = [];
    const judge = evaluateEvery(
      { steps: 1 },
      {
        ...saying(3, 1),
        previous: [record],
        keepBest: { figure: 'said', onBest: ({ step }) => void seen.push(step) },
      },
    );
    expect(judge.best).toBe(record);
    await tinyDcgan().trainer.fit(blobs(), { steps: 2, batchSize: 8, callbacks: [judge] });
    expect(seen).toEqual([2]);
    expect(judge.records).toHaveLength(3);
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
    const keep = (figure: string, rest: object = {}): EvaluateEveryOptions => ({
      ...saying(1),
      keepBest: { figure, onBest: () => undefined, ...rest },
    });
    expect(() => evaluateEvery({ steps: 0 }, saying())).toThrow(
      'Cannot evaluate during training: every.steps must be a positive integer, got 0',
    );
    expect(() => evaluateEvery({ steps: 1 }, keep('said', { mode: 'smaller' }))).toThrow(
      "Cannot evaluate during training: keepBest.mode must be one of 'min', 'max', got 'smaller'",
    );
    expect(() => evaluateEvery({ steps: 1 }, keep('said', { onBest: undefined }))).toThrow(
      'Cannot evaluate during training: keepBest.onBest must be a function, got undefined',
    );
    const judge = evaluateEvery({ steps: 1 }, keep('fid'));
    await expect(
      tinyDcgan().trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [judge] }),
    ).rejects.toThrow(
      "Cannot evaluate during training: keepBest.figure must be one of 'said', got 'fid'",
    );
  });
});
