import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  CheckpointError,
  type Constraint,
  HistoricalAveraging,
  R1Penalty,
  memoryStore,
  checkpoint,
  rmsprop,
  SpectralNorm,
  type TrainerOptions,
} from 'tfjs-gan';
import { smallData, smallGame } from '../contracts/training-contract.ts';
import { catchWarnings } from '../support/catch-warnings.ts';

const warn = catchWarnings();

beforeAll(async () => {
  await tf.setBackend('cpu');
  // tfjs greets with a warning of its own at the first operation.
  tf.scalar(0).dispose();
});

const few = { steps: 2, batchSize: 6 };

const onDiscriminator = new HistoricalAveraging({ target: 'discriminator' });

/** What the former trainer has, what the later one has, and words of the list of what does not fit. */
const changes: readonly (readonly [
  name: string,
  former: Partial<TrainerOptions>,
  later: Partial<TrainerOptions>,
  line: string,
])[] = [
  [
    'an average begun later',
    {},
    { ema: { decay: 0.5 } },
    'ema/generator 0.dense/kernel: was none, is [3, 18]',
  ],
  ['an average left out', { ema: {} }, {}, 'ema/generator: was remembered, is none'],
  [
    'a constraint begun later',
    {},
    { constraints: [new SpectralNorm()] },
    'constraints/spectralNorm/discriminator 0.conv2D/kernel#u: was none, is [2, 1]',
  ],
  [
    'a constraint left out',
    { constraints: [new SpectralNorm()] },
    {},
    'constraints/spectralNorm/discriminator: was remembered, is none',
  ],
  [
    'a penalty with a memory begun later',
    {},
    { penalties: [new HistoricalAveraging()] },
    'penalties/generator/discriminator/historicalAveraging: was none, is there',
  ],
  [
    'a penalty with a memory left out',
    { penalties: [new HistoricalAveraging()] },
    {},
    'penalties/generator/discriminator/historicalAveraging: was remembered, is none',
  ],
  [
    'another optimizer',
    {},
    { optimizers: { discriminator: rmsprop() } },
    'discriminator moments: was firstMoment, secondMoment of the former optimizer, is meanSquare, from zero',
  ],
];

describe('restore with allow', () => {
  test.each(changes)('takes %s once each name of its list is allowed', async (...change) => {
    const [, former, later, line] = change;
    const [first, second] = [smallGame(former), smallGame(later)];
    await first.trainer.fit(smallData(), few);
    // Training on the cpu backend warns; restoring must not.
    warn.mockClear();
    const snapshot = await first.trainer.snapshot();
    const before = { ...(await second.trainer.snapshot()), history: 0 };

    const error: unknown = await second.trainer
      .restore(snapshot)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CheckpointError);
    const { differences, message } = error as CheckpointError;
    expect(message).toContain(`\n  ${line}`);
    expect({ ...(await second.trainer.snapshot()), history: 0 }).toEqual(before);
    expect(warn).not.toHaveBeenCalled();

    const tensors = tf.memory().numTensors;
    const allow = differences.map((difference) => difference.split(': was')[0]!);
    await second.trainer.restore(snapshot, { allow });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(second.weights()).toEqual(first.weights());
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.lastCall?.[0]).toContain(
      'tfjs-gan: restored what snapshot and trainer share. As allowed, what "was none" is initialized and what ' +
        `"is none" is dropped:\n  ${line}`,
    );

    // It continues to learn, and continues from its own snapshot bit-for-bit.
    const again = await second.trainer.snapshot();
    await second.trainer.fit(smallData(), few);
    const third = smallGame(later);
    await third.trainer.restore(structuredClone(again));
    await third.trainer.fit(smallData(), few);
    expect(third.weights()).toEqual(second.weights());
    expect(second.trainer.step).toBe(4);
    for (const game of [first, second, third]) game.dispose();
  });

  test('has nothing to say of penalties that both have, at whatever step', async () => {
    const penalties = [
      ...[new HistoricalAveraging({ weight: 0 }), new HistoricalAveraging(), onDiscriminator],
      ...[new HistoricalAveraging({ target: 'discriminator', weight: 0.5 }), new R1Penalty()],
    ];
    const [first, second] = [smallGame({ penalties }), smallGame({ penalties })];
    await second.trainer.restore(await first.trainer.snapshot(), { allow: ['penalties'] });
    await first.trainer.fit(smallData(), few);
    await second.trainer.restore(await first.trainer.snapshot(), { allow: ['penalties'] });
    expect(warn).not.toHaveBeenCalled();
    for (const game of [first, second]) game.dispose();
  });

  test('keeps the memory of one of two penalties of a name, and drops the other', async () => {
    const first = smallGame({ penalties: [new HistoricalAveraging(), onDiscriminator] });
    const second = smallGame({ penalties: [new HistoricalAveraging()] });
    await first.trainer.fit(smallData(), few);
    await second.trainer.restore(await first.trainer.snapshot(), { allow: ['penalties'] });
    expect(warn.mock.lastCall?.[0]).toContain(
      '\n  penalties/discriminator/discriminator/historicalAveraging: was remembered, is none',
    );
    const kept = Object.keys((await second.trainer.snapshot()).parts['memory']!);
    expect(kept.length).toBeGreaterThan(0);
    for (const slot of kept) expect(slot).toMatch(/^penalties\/generator\/discriminator\//);
    for (const game of [first, second]) game.dispose();
  });

  test('takes a name for all that begins with it, from a store too', async () => {
    const store = memoryStore();
    const first = smallGame();
    await first.trainer.fit(smallData(), { ...few, callbacks: [checkpoint(store)] });
    const second = smallGame({ ema: {} });
    expect(await second.trainer.restore(store, { allow: ['ema'] })).toBe(true);
    // The average begins at the restored weights.
    const samples = [true, false].map((averaged) =>
      tf.tidy(() => [...second.generator.sample(2, { seed: 1, averaged }).dataSync()]),
    );
    expect(samples[0]).toEqual(samples[1]);
    for (const game of [first, second]) game.dispose();
  });

  test('begins another optimizer with its first update, whose size the formula gives', async () => {
    const learningRate = 1e-3;
    const optimizers = { discriminator: rmsprop({ learningRate, decay: 0.99 }) };
    const [first, second] = [smallGame(), smallGame({ optimizers })];
    await first.trainer.fit(smallData(), few);
    const allow = ['optimizers.discriminator', 'discriminator moments'];
    await second.trainer.restore(await first.trainer.snapshot(), { allow });
    const { model } = second.discriminator;
    const values = (): number[] => model.getWeights().flatMap((weight) => [...weight.dataSync()]);
    const before = values();
    await second.trainer.fit(smallData(), { steps: 1, batchSize: 6 });
    // From zero, s = 0.01·g², so that each weight moves by rate · g / (0.1·|g|).
    const moves = values().map((value, i) => Math.abs(value - before[i]!));
    const median = moves.toSorted((a, b) => a - b)[moves.length >> 1]!;
    expect(median).toBeCloseTo(10 * learningRate, 5);
    const { optimizers: after } = await second.trainer.snapshot();
    expect([after.discriminator.step, after.discriminator.former]).toEqual([1, 2]);
    expect(after.generator.step).toBe(3);
    for (const game of [first, second]) game.dispose();
  });

  test('begins the memory of a penalty at the restored weights, so that it draws nowhere at first', async () => {
    const penalties = [new HistoricalAveraging({ target: 'discriminator' })];
    const [first, second] = [smallGame(), smallGame({ penalties })];
    await first.trainer.fit(smallData(), few);
    await second.trainer.restore(await first.trainer.snapshot(), {
      allow: ['penalties'],
    });
    const { steps } = await second.trainer.fit(smallData(), few);
    const drawn = steps.slice(-2).map(({ terms }) => terms.discriminator['historicalAveraging']!);
    expect(drawn[0]).toBe(0);
    expect(drawn[1]).toBeGreaterThan(0);
    // Adam moves each of some 50 weights by about 2e-4; far less than their distance from zero.
    expect(drawn[1]).toBeLessThan(1e-4);
    for (const game of [first, second]) game.dispose();
  });

  test('that fails on the way leaves the trainer as it was', async () => {
    let failing = false;
    const state = new Map([['kept', tf.scalar(1)]]);
    const stubborn: Constraint = {
      name: 'stubborn',
      target: 'discriminator',
      bind: () => ({
        state,
        setState: (name, value) => {
          if (failing) throw new Error('mine');
          state.set(name, value.clone() as tf.Scalar);
        },
        dispose: () => undefined,
      }),
    };
    using game = smallGame({ constraints: [stubborn], ema: {} });
    await game.trainer.fit(smallData(), few);
    const snapshot = await game.trainer.snapshot();
    await game.trainer.fit(smallData(), few);
    const before = await game.trainer.snapshot();
    failing = true;
    // It fails again as it is put back, and the error is the first one.
    await expect(game.trainer.restore(snapshot)).rejects.toThrow('mine');
    failing = false;
    expect(await game.trainer.snapshot()).toEqual(before);
  });
});
