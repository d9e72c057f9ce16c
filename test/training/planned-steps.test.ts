import { describe, expect, test } from 'vitest';
import {
  adam,
  checkpoint,
  CheckpointError,
  type Dataset,
  linearDecay,
  memoryStore,
  type TrainOptions,
  type TrainRun,
  type TrainerSnapshot,
} from 'tfjs-gan';
import { smallData, smallGame } from '../contracts/training-contract.ts';
import '../support/on-cpu.ts';

/** A game whose rates have no end of their own. */
function decayingGame(): ReturnType<typeof smallGame> {
  const optimizer = adam({ learningRate: linearDecay({ from: 1e-3 }) });
  return smallGame({
    optimizers: { generator: optimizer, discriminator: optimizer },
    ema: { decay: linearDecay({ from: 0.9, to: 0.1 }) },
  });
}

/** Data that promise 40 samples and give 24: a pass ends before the step that was planned to be its last. */
function shortData(): Dataset {
  return { ...smallData(), size: 40 };
}

const batchSize = 6;

/** The steps at which a run is killed: within each of its passes. */
const stops = [3, 5, 10];

async function trainedTo(step: number, data: Dataset, options: TrainOptions) {
  const game = decayingGame();
  const stop = {
    onStepEnd: ({ number }: { readonly number: number }, run: TrainRun): void => {
      if (number === step) run.stop();
    },
  };
  await game.trainer.fit(data, { batchSize, callbacks: [stop], ...options });
  return game;
}

function ratesOf({ trainer }: ReturnType<typeof smallGame>): number[] {
  return trainer.history.steps.map(({ learningRates }) => learningRates.generator);
}

const ends: readonly (readonly [
  name: string,
  data: () => Dataset,
  whole: TrainOptions,
  rest: (epoch: number) => TrainOptions,
])[] = [
  ['until an epoch', smallData, { until: { epochs: 3 } }, () => ({ until: { epochs: 3 } })],
  [
    'until an epoch of data that are short',
    shortData,
    { until: { epochs: 3 } },
    () => ({ until: { epochs: 3 } }),
  ],
  [
    'for the epochs that are left of data that are short',
    shortData,
    { epochs: 3 },
    (epoch) => ({ epochs: 3 - epoch }),
  ],
  ['until a step', shortData, { until: { steps: 12 } }, () => ({ until: { steps: 12 } })],
];

describe('a run with schedules that end with it', () => {
  describe.each(ends)('%s', (_name, data, whole, rest) => {
    test.each(stops)('continues from step %i with the same numbers bit-for-bit', async (stop) => {
      const undisturbed = await trainedTo(Infinity, data(), whole);
      const killed = await trainedTo(stop, data(), whole);
      const snapshot = structuredClone(await killed.trainer.snapshot());
      const resumed = decayingGame();
      await resumed.trainer.restore(snapshot);
      await resumed.trainer.fit(data(), { batchSize, ...rest(resumed.trainer.epoch) });
      expect(ratesOf(resumed)).toEqual(ratesOf(undisturbed));
      expect(resumed.weights()).toEqual(undisturbed.weights());
      expect((await resumed.trainer.snapshot()).plan).toEqual(snapshot.plan);
      for (const game of [undisturbed, killed, resumed]) game.dispose();
    });
  });

  test('continues from a checkpoint likewise', async () => {
    const options = { batchSize, until: { epochs: 3 } };
    const undisturbed = await trainedTo(Infinity, shortData(), options);
    const store = memoryStore();
    const killed = decayingGame();
    const callbacks = [checkpoint(store, { every: { steps: 1 } })];
    for await (const { number } of killed.trainer.steps(shortData(), { ...options, callbacks })) {
      // The last of its pass, as only the next one shows.
      if (number === 8) break;
    }
    const resumed = decayingGame();
    expect(await resumed.trainer.restore(store)).toBe(true);
    await resumed.trainer.fit(shortData(), options);
    expect(ratesOf(resumed)).toEqual(ratesOf(undisturbed));
    expect(resumed.weights()).toEqual(undisturbed.weights());
    for (const game of [undisturbed, killed, resumed]) game.dispose();
  });
});

describe('the plan of a run', () => {
  test('is made from what the data promise, and is what schedules end with', async () => {
    using game = await trainedTo(Infinity, shortData(), { epochs: 3 });
    const { plan } = await game.trainer.snapshot();
    // 40 samples are 6 batches of 6, though a pass gives 4.
    expect(plan).toEqual({
      lastStep: 18,
      until: { epochs: 3 },
      pass: 'blobs, 40 samples, batches of 6',
    });
    expect(ratesOf(game)).toHaveLength(12);
    ratesOf(game).forEach((rate, i) => {
      expect(rate).toBeCloseTo(1e-3 * (1 - i / 18), 12);
    });
  });

  test('is another one for another end, and other data', async () => {
    using game = await trainedTo(3, shortData(), { epochs: 3 });
    const lastSteps: (number | undefined)[] = [];
    const look = { onTrainBegin: ({ lastStep }: TrainRun) => void lastSteps.push(lastStep) };
    const next = { callbacks: [look], batchSize };
    await game.trainer.fit(shortData(), { ...next, until: { epochs: 1 } });
    await game.trainer.fit(shortData(), { ...next, until: { epochs: 3 } });
    await game.trainer.fit(smallData(), { ...next, until: { epochs: 4 } });
    await game.trainer.fit(smallData(), { ...next, steps: 2 });
    // 1 of 6 steps was left; the pass ended with the fourth; 6 a pass were promised; then it is known better.
    expect(lastSteps).toEqual([6, 16, 16, 18]);
  });

  test('is not there before the first step, and if nothing tells the end', async () => {
    using game = smallGame();
    expect(await game.trainer.snapshot()).not.toHaveProperty('plan');
    for await (const { number } of game.trainer.steps(smallData(), { batchSize })) {
      if (number === 2) break;
    }
    expect(await game.trainer.snapshot()).not.toHaveProperty('plan');
  });

  test.each<readonly [string, unknown]>([
    ['a step that is none', { lastStep: 1.5, until: {}, pass: '' }],
    ['an end that is none', { lastStep: 1, until: { epochs: -1 }, pass: '' }],
    ['no end', { lastStep: 1, pass: '' }],
    ['no data', { lastStep: 1, until: {} }],
    ['a number', 7],
  ])('is refused with %s', async (_name, plan) => {
    using game = smallGame();
    const snapshot = { ...(await game.trainer.snapshot()), plan } as unknown as TrainerSnapshot;
    const restoring = game.trainer.restore(snapshot);
    await expect(restoring).rejects.toThrow(
      'plan of the snapshot must be as returned by trainer.snapshot()',
    );
    await expect(restoring).rejects.toBeInstanceOf(CheckpointError);
  });
});
