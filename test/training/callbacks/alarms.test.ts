import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  type Callback,
  collapseAlarm,
  type CollapseWarning,
  createMlpGan,
  type CreateMlpGanOptions,
  type Dataset,
  datasetFromTensor,
  earlyStop,
  type Gan,
  GradientPenalty,
  type LoggedInfo,
  MinimaxLoss,
  overfittingAlarm,
  ring8,
  type StepInfo,
  WassersteinLoss,
} from 'tfjs-gan';
import {
  isGuessing,
  signInDiversity,
  signInSight,
  signsInSteps,
} from '../../../src/training/callbacks/collapse-warnings.ts';
import { nearestNeighborAccuracy } from '../../../src/training/callbacks/nearest-neighbor-accuracy.ts';
import { catchWarnings } from '../../support/catch-warnings.ts';
import { blobs, tinyDcgan, weightsOf } from '../../support/tiny-gan.ts';
import '../../support/on-cpu.ts';

const warn = catchWarnings();
const ring = ring8({ size: 512, seed: 1 });
const points = (options: Omit<CreateMlpGanOptions, 'sampleShape'> = {}): Gan =>
  createMlpGan({ sampleShape: [2], latentSize: 2, hiddenUnits: [16], ...options });

/** Points that no generator finds by small steps. */
const far = (): Promise<Dataset> =>
  datasetFromTensor(tf.randomNormal([512, 2], 20, 1, 'float32', 1));

/** Trains points, and returns what the alarm saw. */
async function signsOf(
  options: Omit<CreateMlpGanOptions, 'sampleShape'>,
  data: Dataset = ring,
): Promise<CollapseWarning[]> {
  const signs: CollapseWarning[] = [];
  const gan = points(options);
  const onWarning = (sign: CollapseWarning): void => void signs.push(sign);
  const alarm = collapseAlarm({ every: { steps: 25 }, onWarning });
  await gan.trainer.fit(data, { steps: 400, batchSize: 32, callbacks: [alarm] });
  gan.dispose();
  return signs;
}

describe('collapseAlarm', () => {
  test('is silent on a run that learns, and leaves it as it would have been', async () => {
    expect(await signsOf({})).toEqual([]);
    const [watched, alone] = [points(), points()];
    const callbacks = [collapseAlarm({ every: { steps: 2 } })];
    const tensors = tf.memory().numTensors;
    await watched.trainer.fit(ring, { steps: 10, batchSize: 32, callbacks });
    expect(tf.memory().numTensors - tensors).toBeLessThan(30);
    await alone.trainer.fit(ring, { steps: 10, batchSize: 32 });
    expect(weightsOf(watched)).toEqual(weightsOf(alone));
    watched.dispose();
    alone.dispose();
  });

  test('sees samples that are all the same, once', async () => {
    // A generator that runs away into a corner.
    const signs = await signsOf({
      optimizers: { generator: adam({ learningRate: 1 }), discriminator: adam() },
    });
    const [sign] = signs.filter(({ kind }) => kind === 'lostDiversity');
    expect(sign?.message).toMatch(/^samples of the generator vary \d\.\d % as much as real ones/);
    expect(signs.filter(({ kind }) => kind === 'lostDiversity')).toHaveLength(1);
  });

  test('ends a run on request, and prints a warning if nothing else is asked', async () => {
    const optimizers = { generator: adam({ learningRate: 1 }), discriminator: adam() };
    using gan = points({ optimizers });
    const alarm = collapseAlarm({
      every: { steps: 20 },
      onWarning: (_sign, run) => {
        run.stop();
      },
    });
    await gan.trainer.fit(ring, { steps: 400, batchSize: 32, callbacks: [alarm] });
    expect(gan.trainer.step).toBeLessThan(400);
    await gan.trainer.fit(ring, {
      steps: 200,
      batchSize: 32,
      callbacks: [collapseAlarm({ every: { steps: 20 } })],
    });
    expect(warn.mock.calls.flat().join()).toMatch(
      /^tfjs-gan: at step \d+ (samples of the generator|the discriminator was below chance)/,
    );
  });

  test('sees a gradient that vanishes and a discriminator that is always right', async () => {
    // The data lie far off, and the loss saturates: the discriminator knows all at once, the generator nothing ever.
    const optimizers = {
      generator: adam({ learningRate: 1e-5 }),
      discriminator: adam({ learningRate: 0.1 }),
    };
    const signs = await signsOf({ loss: new MinimaxLoss(), optimizers }, await far());
    expect(signs.map(({ kind }) => kind)).toEqual(['saturatedDiscriminator', 'vanishingGradient']);
    expect(signs[1]?.message).toMatch(/^the generator's gradient fell to 0\.\d %/);
  });

  test('sees a discriminator that guesses though all can be told apart', async () => {
    // A penalty so strong that the critic stays behind the generator, and is wrong ever after.
    const signs = await signsOf({
      loss: new WassersteinLoss(),
      penalties: [new GradientPenalty({ weight: 100 })],
      optimizers: { generator: adam({ learningRate: 1e-2 }), discriminator: adam() },
    });
    const [sign] = signs.filter(({ kind }) => kind === 'belowChanceDiscriminator');
    expect(sign?.message).toMatch(
      /^the discriminator was below chance, while a nearest-neighbor classifier separates (9[89]|100)\.\d %/,
    );
  });

  test.each([
    [{ every: { steps: 0 } }, 'every.steps must be a positive integer, got 0'],
    [{ patience: 1.5 }, 'patience must be a positive integer, got 1.5'],
  ])('refuses %o', (options, message) => {
    expect(() => collapseAlarm(options)).toThrow(`Cannot watch for collapse: ${message}`);
  });
});

/** A step with these numbers. */
function step(accuracy: number, discriminator: number, generator: number): StepInfo {
  return {
    metrics: { 'accuracy/real': accuracy, 'accuracy/fake': accuracy },
    gradientNorms: { discriminator, generator },
  } as StepInfo;
}

describe('signsInSteps', () => {
  const first = { discriminator: 1, generator: 2 };
  const kinds = (...steps: StepInfo[]): string[] =>
    signsInSteps(steps, first).map(({ kind }) => kind);

  test('finds nothing in a discriminator that is right but learns on', () => {
    expect(kinds(step(1, 0.1, 2), step(1, 0.1, 2))).toEqual([]);
    expect(kinds(step(0.9, 0.001, 2))).toEqual([]);
  });

  test('finds one that is always right and has nothing left to learn', () => {
    const [sign] = signsInSteps([step(1, 0.001, 2), step(1, 0.002, 2)], first);
    expect(sign?.kind).toBe('saturatedDiscriminator');
    expect(sign?.message).toContain(
      'the discriminator was right on 100.0 % of the real samples and 100.0 % of the fake samples, and its gradient fell to 0.2 %',
    );
  });

  test('finds a generator whose gradient has vanished', () => {
    expect(kinds(step(0.9, 1, 0.001))).toEqual(['vanishingGradient']);
    // One large gradient among many small ones does not hide them.
    expect(kinds(step(0.9, 1, 0), step(0.9, 1, 0), step(0.9, 1, 9))).toEqual(['vanishingGradient']);
  });
});

test('signInDiversity does not speak of what it does not know', () => {
  expect(signInDiversity(NaN)).toBeUndefined();
  expect(signInDiversity(0.2)).toBeUndefined();
  expect(signInDiversity(0.01)?.kind).toBe('lostDiversity');
});

describe('signInSight', () => {
  test('speaks only of samples that lie apart', () => {
    expect(signInSight(0.9)).toBeUndefined();
    expect(signInSight(NaN)).toBeUndefined();
    expect(signInSight(0.99)?.kind).toBe('belowChanceDiscriminator');
  });

  test('is asked only if the discriminator guesses', () => {
    expect(isGuessing([step(0.4, 1, 1), step(0.5, 1, 1)])).toBe(true);
    expect(isGuessing([step(0.4, 1, 1), step(0.7, 1, 1)])).toBe(false);
  });
});

describe('nearestNeighborAccuracy', () => {
  const noise = (seed: number, mean: number): tf.Tensor =>
    tf.randomNormal([64, 2, 2], mean, 1, 'float32', seed);

  test('is 1 of samples that lie apart, and about a half of samples that are alike', async () => {
    const tensors = tf.memory().numTensors;
    const [a, b, c] = [noise(1, 0), noise(2, 0), noise(3, 50)];
    expect(await nearestNeighborAccuracy(a, c)).toBe(1);
    expect(Math.abs((await nearestNeighborAccuracy(a, b)) - 0.5)).toBeLessThan(0.12);
    // The same neighbors far from 0.
    const [far, away] = [tf.add(a, 4096), tf.add(b, 4096)];
    expect(await nearestNeighborAccuracy(far, away)).toBe(await nearestNeighborAccuracy(a, b));
    tf.dispose([a, b, c, far, away]);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

describe('overfittingAlarm', () => {
  const few = (seed: number, size: number) =>
    datasetFromTensor(tf.randomNormal([size, 8], 0, 1, 'float32', seed));
  const run = async (size: number, told: number[]) => {
    const gan = createMlpGan({
      sampleShape: [8],
      latentSize: 2,
      hiddenUnits: [64, 64],
      optimizers: { discriminator: adam({ learningRate: 0.01 }) },
    });
    const alarm = overfittingAlarm(await few(2, 128), {
      every: { steps: 50 },
      samples: Math.min(size, 128),
      onAlarm: ({ step }) => void told.push(step),
    });
    await gan.trainer.fit(await few(1, size), { steps: 300, batchSize: 32, callbacks: [alarm] });
    gan.dispose();
    return alarm.records;
  };

  test('warns once if few samples are memorized', async () => {
    const told: number[] = [];
    const records = await run(32, told);
    expect(records.map(({ step }) => step)).toEqual([50, 100, 150, 200, 250, 300]);
    expect(records.at(-1)?.gap).toBeGreaterThan(0.5);
    expect(records.at(-1)!.real).toBeGreaterThan(records.at(-1)!.heldOut);
    expect(told).toHaveLength(1);
  });

  test('is silent if there are enough', async () => {
    const told: number[] = [];
    const records = await run(4096, told);
    expect(told).toEqual([]);
    for (const { gap } of records) expect(Math.abs(gap)).toBeLessThan(0.5);
  });

  test('prints a warning by default, and frees all it creates', async () => {
    using gan = points();
    const held = await datasetFromTensor(tf.fill([64, 2], 9));
    const alarm = overfittingAlarm(held, { every: { steps: 1 }, samples: 64, maxGap: 1e-9 });
    const tensors = tf.memory().numTensors;
    for (let i = 0; i < 4; i += 1) {
      await gan.trainer.fit(ring, { steps: 1, batchSize: 32, callbacks: [alarm] });
    }
    expect(tf.memory().numTensors).toBe(tensors);
    await gan.trainer.fit(ring, { steps: 9, batchSize: 32, callbacks: [alarm] });
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^tfjs-gan: at step 6 the discriminator scores .* trained on \d+\.\d\d standard .* it memorizes them/,
        ),
      ],
    ]);
    expect(alarm.records[5]!.gap).toBeGreaterThan(0);
  });

  test('logs what it measured, by name, and a snapshot holds it', async () => {
    using gan = points();
    // Samples of one kind are all alike, so all of them or none are judged right.
    const at = (place: number): Promise<Dataset> => datasetFromTensor(tf.fill([64, 2], place));
    const alarm = overfittingAlarm(await at(-9), { every: { steps: 20 }, samples: 64 });
    const logged: LoggedInfo[] = [];
    const listener: Callback = { onLog: (info) => void logged.push(info) };
    const callbacks = [listener, alarm];
    await gan.trainer.fit(await at(9), { steps: 40, batchSize: 32, callbacks });
    expect(logged.map(({ step }) => step)).toEqual([20, 40]);
    const last = alarm.records.at(-1)!;
    expect(logged.at(-1)?.values).toEqual({
      'heldOut/logit/real': last.real,
      'heldOut/logit/heldOut': last.heldOut,
      'heldOut/logit/fake': last.fake,
      'heldOut/accuracy/real': last.real > 0 ? 1 : 0,
      'heldOut/accuracy/heldOut': last.heldOut > 0 ? 1 : 0,
      'heldOut/accuracy/fake': last.accuracy.fake,
      'heldOut/gap': last.gap,
    });
    expect(gan.trainer.history.logged).toEqual(logged);
    const snapshot = await gan.trainer.snapshot();
    using again = points();
    await again.trainer.restore(snapshot);
    expect(again.trainer.history.logged).toEqual(logged);
  });

  test('names a dataset that is too small', async () => {
    using gan = points();
    const callbacks = [overfittingAlarm(ring8({ size: 8 }), { every: { steps: 1 } })];
    await expect(gan.trainer.fit(ring, { steps: 1, callbacks })).rejects.toThrow(
      /Cannot watch for overfitting: the dataset '.*' must hold at least 256 samples, got fewer\. Lower samples/,
    );
  });
});

describe('earlyStop', () => {
  /** The step at which a run of 20 ends when it is given these values. */
  const endOf = async (values: number[], options: object = {}): Promise<number> => {
    const gan = tinyDcgan();
    const stop: Callback = earlyStop({
      value: ({ number }) => values[number - 1] ?? NaN,
      mode: 'min',
      every: { steps: 1 },
      patience: 3,
      ...options,
    });
    await gan.trainer.fit(blobs(), { steps: 20, batchSize: 4, callbacks: [stop] });
    const { step: end } = gan.trainer;
    gan.dispose();
    return end;
  };

  test('ends a run that has not become better for a while', async () => {
    expect(await endOf([5, 4, 6, 3, 3, 3.5, 4, 0])).toBe(7);
    expect(await endOf([1, 2, 3, 2, 2, 2, 9], { mode: 'max' })).toBe(6);
  });

  test('counts only what is better by the margin, and never NaN', async () => {
    expect(await endOf([5, 4.9, 4.8, 4.7, 1], { margin: 0.5 })).toBe(4);
    expect(await endOf([NaN, NaN, NaN])).toBe(3);
  });

  test.each([
    [{ patience: 0 }, 'patience must be a positive integer, got 0'],
    [{ margin: -1 }, 'margin must be a number of at least 0, got -1'],
    [{ mode: 'smaller' }, "mode must be one of 'min', 'max', got 'smaller'"],
  ])('refuses %o', (options, message) => {
    const all = { value: () => 0, mode: 'min', ...options } as Parameters<typeof earlyStop>[0];
    expect(() => earlyStop(all)).toThrow(`Cannot stop early: ${message}`);
  });
});
