import { describe, expect, test } from 'vitest';
import {
  adam,
  cosineRate,
  linearRate,
  type LearningRateSchedule,
  rmsprop,
  sgd,
  stepRate,
  warmUp,
} from 'tfjs-gan';
import golden from '../golden/schedules.json' with { type: 'json' };
import { blobs, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';

describe('schedules', () => {
  test.each<[keyof typeof golden.schedules, LearningRateSchedule]>([
    ['linear', linearRate({ from: 2e-4, to: 5e-5, end: 20 })],
    ['linearLater', linearRate({ from: 2e-4, begin: 10, end: 25 })],
    ['cosine', cosineRate({ from: 2e-4, to: 1e-5, end: 30 })],
    ['step', stepRate({ from: 2e-4, factor: 0.5, every: 7 })],
    ['warmUp', warmUp(2e-4, { updates: 8 })],
    ['warmUpStep', warmUp(stepRate({ from: 2e-4, factor: 0.5, every: 7 }), { updates: 8 })],
  ])('%s gives the rates of PyTorch', (name, schedule) => {
    golden.schedules[name].forEach((rate, i) => {
      expect(Math.abs(schedule.rateAt(i + 1) - rate)).toBeLessThan(1e-9 * rate + 1e-15);
    });
  });

  test('stay at their last rate', () => {
    for (const make of [linearRate, cosineRate]) {
      const schedule = make({ from: 2e-4, to: 1e-5, begin: 3, end: 10 });
      expect([1, 4, 11, 1e6].map((update) => schedule.rateAt(update))).toEqual([
        2e-4,
        2e-4,
        expect.closeTo(1e-5, 12),
        expect.closeTo(1e-5, 12),
      ]);
    }
  });

  test.each([
    linearRate({ from: 1, end: 5 }),
    cosineRate({ from: 1, end: 5 }),
    stepRate({ from: 1, every: 5 }),
    warmUp(1, { updates: 5 }),
  ])('answer for whole updates only: $name', (schedule) => {
    for (const update of [Number.NaN, undefined, 0, -1, 1.5, '2'] as number[]) {
      expect(() => schedule.rateAt(update)).toThrow(
        'Cannot give a learning rate: update must be a positive integer, got ',
      );
    }
    expect(Object.isFrozen(schedule) && Object.isFrozen(schedule.settings)).toBe(true);
  });

  test.each<[() => unknown, string]>([
    [
      () => linearRate({ from: 1, begin: 10, end: 10 }),
      'Cannot create linearRate: end must be larger than begin, got begin 10 and end 10',
    ],
    [
      () => cosineRate({ from: 1, begin: 10, end: 5 }),
      'Cannot create cosineRate: end must be larger than begin, got begin 10 and end 5',
    ],
    [() => linearRate({ from: 0, end: 5 }), 'from must be a positive number, got 0'],
    [() => linearRate({ from: 1, to: -1, end: 5 }), 'to must be a number of at least 0, got -1'],
    [() => linearRate({ from: 1, end: 2.5 }), 'end must be an integer of at least 0, got 2.5'],
    [() => stepRate({ from: 1, every: 0 }), 'every must be a positive integer, got 0'],
    [() => stepRate({ from: 1, factor: 0, every: 1 }), 'factor must be a positive number, got 0'],
    [
      () => warmUp(0, { updates: 5 }),
      'Cannot create warmUp: rate must be a positive number, got 0',
    ],
    [() => warmUp(1, { updates: 0 }), 'updates must be a positive integer, got 0'],
    [
      () => adam({ learningRate: {} as LearningRateSchedule }),
      'Cannot create adam: learningRate must be a positive number or a LearningRateSchedule, got an object',
    ],
    [
      () => rmsprop({ learningRate: '1e-4' as unknown as number }),
      "learningRate must be a positive number or a LearningRateSchedule, got '1e-4'",
    ],
  ])('refuse what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('a scheduled learning rate', () => {
  const falling = linearRate({ from: 0.1, to: 0.01, end: 4 });

  test('moves each player by its own updates, and is seen in each step', async () => {
    const gan = tinyDcgan({
      optimizers: { discriminator: sgd({ learningRate: falling }), generator: adam() },
      updatesPerStep: { discriminator: 2 },
    });
    const { steps } = await gan.trainer.fit(blobs(), { steps: 3, batchSize: 4 });
    expect(steps.map((step) => step.learningRates)).toEqual([
      { discriminator: falling.rateAt(2), generator: 2e-4 },
      { discriminator: falling.rateAt(4), generator: 2e-4 },
      { discriminator: 0.01, generator: 2e-4 },
    ]);
    gan.dispose();
  });

  test('is part of the configuration, so another one is refused by name', async () => {
    const make = (learningRate: number | LearningRateSchedule) =>
      tinyDcgan({ optimizers: { generator: adam({ learningRate }) } });
    const gan = make(warmUp(falling, { updates: 5 }));
    expect(gan.trainer.configuration).toMatchObject({
      'optimizers.generator.learningRate': 'warmUp',
      'optimizers.generator.learningRate.updates': 5,
      'optimizers.generator.learningRate.rate': 'linear',
      'optimizers.generator.learningRate.rate.end': 4,
    });
    const snapshot = await gan.trainer.snapshot();
    const other = make(warmUp(falling, { updates: 6 }));
    await expect(other.trainer.restore(snapshot)).rejects.toThrow(
      'optimizers.generator.learningRate.updates: was 5, is 6',
    );
    gan.dispose();
    other.dispose();
  });

  test('that is no number ends the step before anything moved', async () => {
    const broken: LearningRateSchedule = {
      name: 'broken',
      settings: {},
      rateAt: (update) => (update < 2 ? 1e-4 : Number.NaN),
    };
    const gan = tinyDcgan({ optimizers: { generator: adam({ learningRate: broken }) } });
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const before = weightsOf(gan);
    await expect(gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 })).rejects.toThrow(
      "Cannot train: the schedule 'broken' must give a learning rate of at least 0, got NaN for update 2",
    );
    expect(weightsOf(gan)).toEqual(before);
    gan.dispose();
  });
});
