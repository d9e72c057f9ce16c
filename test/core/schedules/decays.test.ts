import { describe, expect, test } from 'vitest';
import {
  adam,
  cosineDecay,
  linearDecay,
  type Schedule,
  rmsprop,
  sgd,
  stepDecay,
  warmup,
} from 'tfjs-gan';
import golden from '../../golden/schedules.json' with { type: 'json' };
import { progressAt } from '../../support/progress.ts';
import { blobs, tinyDcgan, weightsOf } from '../../support/tiny-gan.ts';

describe('schedules', () => {
  test.each<[keyof typeof golden.schedules, Schedule]>([
    ['linear', linearDecay({ from: 2e-4, to: 5e-5, end: 20 })],
    ['linearLater', linearDecay({ from: 2e-4, begin: 10, end: 25 })],
    ['cosine', cosineDecay({ from: 2e-4, to: 1e-5, end: 30 })],
    ['step', stepDecay({ from: 2e-4, factor: 0.5, every: 7 })],
    ['warmup', warmup(2e-4, { updates: 8 })],
    ['warmupStep', warmup(stepDecay({ from: 2e-4, factor: 0.5, every: 7 }), { updates: 8 })],
  ])('%s gives the rates of PyTorch', (name, schedule) => {
    golden.schedules[name].forEach((rate, i) => {
      expect(Math.abs(schedule.valueAt(progressAt(i + 1)) - rate)).toBeLessThan(
        1e-9 * rate + 1e-15,
      );
    });
  });

  test('stay at their last rate', () => {
    for (const make of [linearDecay, cosineDecay]) {
      const schedule = make({ from: 2e-4, to: 1e-5, begin: 3, end: 10 });
      expect([1, 4, 11, 1e6].map((update) => schedule.valueAt(progressAt(update)))).toEqual([
        2e-4,
        2e-4,
        expect.closeTo(1e-5, 12),
        expect.closeTo(1e-5, 12),
      ]);
    }
  });

  test.each([
    linearDecay({ from: 1, end: 5 }),
    cosineDecay({ from: 1, end: 5 }),
    stepDecay({ from: 1, every: 5 }),
    warmup(1, { updates: 5 }),
  ])('answer for whole updates only: $name', (schedule) => {
    for (const update of [Number.NaN, undefined, 0, -1, 1.5, '2'] as number[]) {
      expect(() => schedule.valueAt({ ...progressAt(1), update })).toThrow(
        'Cannot compute the value of a schedule: update must be a positive integer, got ',
      );
    }
    expect(Object.isFrozen(schedule) && Object.isFrozen(schedule.settings)).toBe(true);
  });

  test.each<[() => unknown, string]>([
    [
      () => linearDecay({ from: 1, begin: 10, end: 10 }),
      'Cannot create linearDecay: end must be larger than begin, got begin 10 and end 10',
    ],
    [
      () => cosineDecay({ from: 1, begin: 10, end: 5 }),
      'Cannot create cosineDecay: end must be larger than begin, got begin 10 and end 5',
    ],
    [() => linearDecay({ from: -1, end: 5 }), 'from must be a number of at least 0, got -1'],
    [() => linearDecay({ from: 1, to: -1, end: 5 }), 'to must be a number of at least 0, got -1'],
    [() => linearDecay({ from: 1, end: 2.5 }), 'end must be an integer of at least 0, got 2.5'],
    [() => stepDecay({ from: 1, every: 0 }), 'every must be a positive integer, got 0'],
    [() => stepDecay({ from: 1, factor: 0, every: 1 }), 'factor must be a positive number, got 0'],
    [
      () => warmup(Number.NaN, { updates: 5 }),
      'Cannot create warmup: value must be a finite number, got NaN',
    ],
    [() => warmup(1, { updates: 0 }), 'updates must be a positive integer, got 0'],
    [
      () => adam({ learningRate: {} as Schedule }),
      'Cannot create adam: learningRate must be a positive number or a Schedule, got an object',
    ],
    [
      () => rmsprop({ learningRate: '1e-4' as unknown as number }),
      "learningRate must be a positive number or a Schedule, got '1e-4'",
    ],
  ])('refuse settings without sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('a scheduled learning rate', () => {
  test('may read the share of the run that is behind it', () => {
    const falling = { name: 'falling', valueAt: ({ share = NaN }) => 1e-3 * (1 - share) };
    expect(() => adam({ learningRate: falling })).not.toThrow();
  });

  const falling = linearDecay({ from: 0.1, to: 0.01, end: 4 });

  test('moves each network by its own updates, and is seen in each step', async () => {
    using gan = tinyDcgan({
      optimizers: { discriminator: sgd({ learningRate: falling }), generator: adam() },
      updatesPerStep: { discriminator: 2 },
    });
    const { steps } = await gan.trainer.fit(blobs(), { steps: 3, batchSize: 4 });
    expect(steps.map((step) => step.learningRates)).toEqual([
      { discriminator: falling.valueAt(progressAt(2)), generator: 2e-4 },
      { discriminator: falling.valueAt(progressAt(4)), generator: 2e-4 },
      { discriminator: 0.01, generator: 2e-4 },
    ]);
  });

  test('is part of the configuration, so another one is refused by name', async () => {
    const make = (learningRate: number | Schedule) =>
      tinyDcgan({ optimizers: { generator: adam({ learningRate }) } });
    using gan = make(warmup(falling, { updates: 5 }));
    expect(gan.trainer.configuration).toMatchObject({
      'optimizers.generator.learningRate': 'warmup',
      'optimizers.generator.learningRate.updates': 5,
      'optimizers.generator.learningRate.value': 'linear',
      'optimizers.generator.learningRate.value.end': 4,
    });
    const snapshot = await gan.trainer.snapshot();
    using other = make(warmup(falling, { updates: 6 }));
    await expect(other.trainer.restore(snapshot)).rejects.toThrow(
      'optimizers.generator.learningRate.updates: was 5, is 6',
    );
  });

  test('that is no number ends the step before anything moved', async () => {
    const broken: Schedule = {
      name: 'broken',
      settings: {},
      valueAt: ({ update }) => (update < 2 ? 1e-4 : Number.NaN),
    };
    using gan = tinyDcgan({ optimizers: { generator: adam({ learningRate: broken }) } });
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const before = weightsOf(gan);
    await expect(gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 })).rejects.toThrow(
      "Cannot train: the value of the schedule 'broken' for update 2 must be a number of at least 0, got NaN",
    );
    expect(weightsOf(gan)).toEqual(before);
  });
});

describe('a decay without end', () => {
  const decay = linearDecay({ from: 1, to: 0.5, begin: 2 });

  test('ends with the run, counted in steps', () => {
    const at = (step: number): number =>
      decay.valueAt({ step, update: 5 * step, samples: 0, plannedSteps: 12 });
    expect([1, 3, 8, 13].map(at)).toEqual([1, 1, 0.75, 0.5]);
    const halfway = { step: 6, update: 1, samples: 0, plannedSteps: 10 };
    expect(cosineDecay({ from: 1 }).valueAt(halfway)).toBeCloseTo(0.5, 12);
  });

  test('holds for a share of the run', () => {
    const [linear, cosine] = [linearDecay, cosineDecay].map((make) =>
      make({ from: 1, hold: 0.75 }),
    );
    const at = (step: number) => ({ step, update: 7 * step, samples: 0, plannedSteps: 8 });
    expect([1, 7, 8, 9].map((step) => linear!.valueAt(at(step)))).toEqual([1, 1, 0.5, 0]);
    expect(cosine!.valueAt(at(8))).toBeCloseTo(0.5, 12);
    // As if it began after as many steps.
    const counted = linearDecay({ from: 1, begin: 6 });
    expect(linear!.valueAt(at(8))).toBe(counted.valueAt(at(8)));
    expect(linear!.settings).toEqual({ from: 1, to: 0, hold: 0.75 });
  });

  test.each<[() => unknown, string]>([
    [() => linearDecay({ from: 1, hold: 1 }), 'hold must be at least 0 and less than 1, got 1'],
    [() => cosineDecay({ from: 1, hold: NaN }), 'hold must be at least 0 and less than 1, got NaN'],
    [
      () => linearDecay({ from: 1, hold: 0.5, begin: 0 }),
      'Cannot create linearDecay: hold must stand alone, got begin beside it. ' +
        'Pass begin and end for counts of updates, or hold for a share of the run',
    ],
    [() => linearDecay({ from: 1, hold: 0, end: 0 }), 'hold must stand alone, got end beside it'],
  ])('refuses %#', (make, message) => {
    expect(make).toThrow(message);
  });

  test('needs a run whose end is known', async () => {
    const message =
      'Cannot compute the value of linearDecay: the last step of the run must be known, got undefined. ' +
      'Pass end, or train for minutes, a number of steps, or epochs of a dataset with a size';
    expect(() => decay.valueAt(progressAt(1))).toThrow(message);
    using gan = tinyDcgan({ optimizers: { generator: sgd({ learningRate: decay }) } });
    const { steps } = await gan.trainer.fit(blobs(), { steps: 5, batchSize: 4 });
    const wanted = [1, 1, 1, 1 - 0.5 / 3, 1 - 1 / 3];
    steps.forEach(({ learningRates }, i) => {
      expect(learningRates.generator).toBeCloseTo(wanted[i]!, 12);
    });
    const before = weightsOf(gan);
    const endless = gan.trainer.fit(blobs(), {
      batchSize: 4,
      signal: new AbortController().signal,
    });
    await expect(endless).rejects.toThrow(message);
    expect(weightsOf(gan)).toEqual(before);
  });
});
