import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  checkpoint,
  createMlpGan,
  fitWithRollback,
  type Gan,
  memoryStore,
  ring8,
  sgd,
  TrainingDivergedError,
} from 'tfjs-gan';
import { catchWarnings } from '../support/catch-warnings.ts';
import '../support/on-cpu.ts';

const warn = catchWarnings();
const ring = ring8({ size: 128, seed: 1 });

/** A Gan with this learning rate, and perhaps another one of the generator. */
function points(learningRate: number, ofGenerator = learningRate): Gan {
  return createMlpGan({
    sampleShape: [2],
    latentSize: 2,
    hiddenUnits: [8],
    optimizers: {
      generator: sgd({ learningRate: ofGenerator }),
      discriminator: sgd({ learningRate }),
    },
  });
}

const retreats = (): string[] =>
  warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('Going back'));

const settings = { until: { steps: 6 }, batchSize: 32, checkpoints: { every: { steps: 1 } } };

describe('fitWithRollback', () => {
  test('begins anew with lower rates if nothing was written', async () => {
    const rates: number[] = [];
    const tensors = tf.memory().numTensors;
    const make = (factor: number): Gan => {
      rates.push(1e30 * factor);
      return points(1e30 * factor);
    };
    const gan = await fitWithRollback(make, ring, {
      ...settings,
      store: memoryStore(),
      factor: 1e-32,
    });
    expect(rates).toEqual([1e30, expect.closeTo(0.01, 10)]);
    expect(gan.trainer.step).toBe(6);
    expect(gan.trainer.history.steps.every(({ losses }) => losses.generator < 10)).toBe(true);
    expect(retreats()).toEqual([
      expect.stringMatching(
        /^tfjs-gan: the .* became (NaN|-?Infinity) at step 1\. Going back to the beginning, with learning rates multiplied by 1e-32$/,
      ),
    ]);
    gan.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('goes back past a checkpoint that was taken too late', async () => {
    const store = memoryStore();
    const callbacks = [checkpoint(store, settings.checkpoints)];
    const sound = points(0.01);
    await sound.trainer.fit(ring, { steps: 2, batchSize: 32, callbacks });
    // One step of a rate that spoils the weights; they are numbers still, so a checkpoint holds them.
    const spoilt = points(0.01, 1e25);
    await spoilt.trainer.restore(store, {
      allow: ['optimizers.generator.learningRate'],
    });
    await spoilt.trainer.fit(ring, { steps: 1, batchSize: 32, callbacks });
    const gan = await fitWithRollback((factor) => points(0.01 * factor), ring, {
      ...settings,
      store,
    });
    expect(retreats().map((text) => /Going back to (.*),/.exec(text)?.[1])).toEqual([
      '0003-step-3',
      '0002-step-2',
    ]);
    expect(gan.trainer.step).toBe(6);
    expect(gan.trainer.configuration['optimizers.generator.learningRate']).toBe(0.0025);
    expect(gan.trainer.history.steps.every(({ losses }) => losses.generator < 10)).toBe(true);
    for (const made of [sound, spoilt, gan]) made.dispose();
  });

  test('continues from what is there, as a run that never diverged', async () => {
    const store = memoryStore();
    const first = points(0.01);
    await first.trainer.fit(ring, { steps: 3, batchSize: 32, callbacks: [checkpoint(store)] });
    const gan = await fitWithRollback(() => points(0.01), ring, { ...settings, store });
    const whole = points(0.01);
    await whole.trainer.fit(ring, { steps: 6, batchSize: 32 });
    const [a, b] = [await gan.trainer.snapshot(), await whole.trainer.snapshot()];
    expect(a.networks).toEqual(b.networks);
    expect(warn.mock.calls.flat().join()).not.toContain('Going back');
    for (const made of [first, gan, whole]) made.dispose();
  });

  test('throws after the last retreat, and frees what it made', async () => {
    const tensors = tf.memory().numTensors;
    const store = memoryStore();
    const run = fitWithRollback((factor) => points(1e30 * factor), ring, {
      ...settings,
      store,
      retreats: 1,
    });
    await expect(run).rejects.toBeInstanceOf(TrainingDivergedError);
    expect(warn.mock.calls.flat().join()).toContain('Going back to the beginning');
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test.each([
    [{ factor: 1 }, 'factor must be at least 5e-324 and less than 1, got 1'],
    [{ retreats: -1 }, 'retreats must be an integer of at least 0, got -1'],
  ])('refuses %o', async (options, message) => {
    const run = fitWithRollback(() => points(1), ring, {
      ...settings,
      store: memoryStore(),
      ...options,
    });
    await expect(run).rejects.toThrow(`Cannot train with rollback: ${message}`);
  });
});
