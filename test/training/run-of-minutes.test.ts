import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  adam,
  type Callback,
  checkpoint,
  type Dataset,
  linearDecay,
  memoryStore,
  type TrainerSnapshot,
  type TrainOptions,
} from 'tfjs-gan';
import { type SmallGame, smallData, smallGame } from '../contracts/training-contract.ts';
import '../support/on-cpu.ts';

/** What the clock shows, in seconds: only tests move it. */
let clock = 0;

beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => 1000 * clock);
});

afterEach(() => {
  vi.restoreAllMocks();
});

const batchSize = 6;
const from = 1e-3;

function decayingGame(): SmallGame {
  const optimizer = adam({ learningRate: linearDecay({ from }) });
  return smallGame({ optimizers: { generator: optimizer, discriminator: optimizer } });
}

/** Data of which each batch, and so each step, takes as long as `seconds` says. */
function slowData(seconds: () => number = () => 3): Dataset {
  const data = smallData();
  return {
    ...data,
    async *batches(options) {
      for await (const batch of data.batches(options)) {
        clock += seconds();
        yield batch;
      }
    },
  };
}

function ratesOf({ trainer }: SmallGame): number[] {
  return trainer.history.steps.map(({ learningRates }) => learningRates.generator);
}

function plansOf({ trainer }: SmallGame): (readonly [step: number, planned: number])[] {
  return trainer.history.logged.map(({ step, values }) => [step, values['plannedSteps']!]);
}

function equal(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((value, i) => value === others[i]);
}

describe('a run of minutes', () => {
  test('ends in time with rates at 0, logs its plans, and tells callbacks of them first', async () => {
    using game = decayingGame();
    const seen: string[] = [];
    const look: Callback = {
      onTrainBegin: ({ minutes, lastStep }) => void seen.push(`begin ${minutes} ${lastStep}`),
      onLog: ({ step, values }, { lastStep }) => {
        seen.push(`log ${step} ${values['plannedSteps']} ${lastStep}`);
      },
      onStepEnd: async ({ number }, run) => {
        if (number > 11) return;
        const { plan } = await run.trainer.snapshot();
        seen.push(`step ${number} ${run.lastStep} ${plan?.lastStep}`);
      },
    };
    // A quarter of the time is 30 seconds: 10 steps.
    await game.trainer.fit(slowData(), { batchSize, minutes: 2, callbacks: [look] });
    const steps = game.trainer.step;
    expect(clock).toBeLessThanOrEqual(120);
    expect(steps).toBeGreaterThan(37);
    const rates = ratesOf(game);
    expect(rates.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => from));
    expect(rates[10]).toBeLessThan(from);
    expect(rates.at(-1)).toBe(0);
    const [first = NaN, planned = NaN] = plansOf(game)[0] ?? [];
    expect(first).toBe(10);
    expect(plansOf(game).at(-1)?.[1]).toBe(steps);
    expect(seen.slice(0, 13)).toEqual([
      'begin 2 undefined',
      ...Array.from({ length: 9 }, (_, i) => `step ${i + 1} undefined undefined`),
      `log 10 ${planned} ${planned}`,
      `step 10 ${planned} ${planned}`,
      `step 11 ${planned} ${planned}`,
    ]);
  });

  test('ends by a signal before its time, and after maxSteps at most', async () => {
    using game = decayingGame();
    const ending = new AbortController();
    const { signal } = ending;
    const end: Callback = {
      onStepEnd: ({ number }) => {
        if (number === 5) ending.abort();
      },
    };
    await game.trainer.fit(slowData(), { batchSize, minutes: 2, signal, callbacks: [end] });
    expect(game.trainer.step).toBe(5);
    await game.trainer.fit(slowData(), { batchSize, minutes: 2, maxSteps: 12 });
    expect(game.trainer.step).toBe(17);
    expect(ratesOf(game).at(-1)).toBe(0);
    await game.trainer.fit(slowData(), { batchSize, minutes: 2, maxSteps: 0 });
    expect(game.trainer.step).toBe(17);
  });

  test('of steps() counts the time of the loop around it, from the first requested step', async () => {
    using game = decayingGame();
    const steps = game.trainer.steps(slowData(), { batchSize, minutes: 2 });
    clock += 1000;
    const began = clock;
    for await (const step of steps) clock += step.number > 0 ? 3 : 0;
    expect(clock - began).toBeLessThanOrEqual(120);
    expect(game.trainer.step).toBeGreaterThan(17);
    expect(ratesOf(game).at(-1)).toBe(0);
  });

  test('needs no schedule, and no size of the data', async () => {
    using game = smallGame();
    const data = { ...slowData(), size: undefined };
    await game.trainer.fit(data, { batchSize, minutes: 0.5 });
    expect(game.trainer.step).toBeGreaterThan(7);
    expect(clock).toBeLessThanOrEqual(30);
  });

  test('shows a schedule of the user how much of it lies behind', async () => {
    const shares: (number | undefined)[] = [];
    const own = {
      name: 'own',
      valueAt: ({ share }: { readonly share?: number | undefined }) => {
        shares.push(share);
        return from;
      },
    };
    using game = smallGame({ optimizers: { generator: adam({ learningRate: own }) } });
    shares.length = 0;
    await game.trainer.fit(slowData(), { batchSize, minutes: 0.5 });
    expect(shares[0]).toBe(0);
    expect(shares.at(-1)).toBe(1);
    shares.length = 0;
    await game.trainer.fit(slowData(), { batchSize, steps: 2 });
    expect(shares).toEqual([
      (game.trainer.step - 2) / game.trainer.step,
      1 - 1 / game.trainer.step,
    ]);
  });
});

describe('a run of minutes that was killed', () => {
  // A machine that becomes slow: planned early, and again.
  const pace = (): number => (clock < 40 ? 2 : 4);

  test('continues from each checkpoint with the same plan to the same bits until the next plan', async () => {
    const store = memoryStore();
    const options = { every: { steps: 9 }, keep: Infinity };
    using whole = decayingGame();
    const callbacks = [checkpoint(store, options)];
    await whole.trainer.fit(slowData(pace), { batchSize, minutes: 2, callbacks });
    const plans = plansOf(whole).map(([step]) => step);
    expect(plans.length).toBeGreaterThan(1);
    const names = [...(await store.list())].sort();
    const steps = names.map((name) => Number(/step-(\d+)/.exec(name)?.[1]));
    // A plan is never newer than the newest checkpoint.
    expect(steps).toEqual(expect.arrayContaining(plans));
    const numbersOf = ({ trainer }: SmallGame, next: number): unknown =>
      trainer.history.steps
        .slice(0, next)
        .map(({ losses, gradientNorms, learningRates }) => [losses, gradientNorms, learningRates]);
    // Of checkpoints before the first plan there is nothing to repeat.
    const planned = names.filter((_name, i) => steps[i]! >= plans[0]!);
    // From the last to the first, each as if the run had been killed after it.
    for (const name of planned.reverse()) {
      using resumed = decayingGame();
      await resumed.trainer.restore(store);
      await store.remove(name);
      const { plan, step } = await resumed.trainer.snapshot();
      expect(step).toBe(steps[names.indexOf(name)]);
      await resumed.trainer.fit(smallData(), { batchSize, until: plan!.until });
      expect(resumed.trainer.step).toBe(plan!.lastStep);
      expect(ratesOf(resumed).at(-1)).toBe(0);
      expect((await resumed.trainer.snapshot()).plan).toEqual(plan);
      const next = plans.find((one) => one > step) ?? Infinity;
      expect(numbersOf(resumed, next)).toEqual(numbersOf(whole, next));
      // The weights of the end are those of the whole run if no plan came in between.
      const isWhole = resumed.weights().every((values, i) => equal(values, whole.weights()[i]!));
      expect(isWhole).toBe(next === Infinity);
    }
    expect(names.length).toBeGreaterThan(plans.length + 1);
  });

  test('continues for that many more minutes, with rates from where they were', async () => {
    using game = decayingGame();
    const kill: Callback = {
      onStepEnd: ({ number }, run) => {
        if (number === 25) run.stop();
      },
    };
    await game.trainer.fit(slowData(), { batchSize, minutes: 2, callbacks: [kill] });
    const snapshot = structuredClone(await game.trainer.snapshot());
    using resumed = decayingGame();
    await resumed.trainer.restore(snapshot);
    const began = clock;
    await resumed.trainer.fit(slowData(), { batchSize, minutes: 1 });
    expect(clock - began).toBeLessThanOrEqual(60);
    expect(clock - began).toBeGreaterThan(56);
    const rates = ratesOf(resumed);
    expect(rates[25]).toBe(rates[24]);
    expect(rates.at(-1)).toBe(0);
  });

  test('needs a plan that is one', async () => {
    using game = smallGame();
    const until = { steps: 9 };
    const good = { lastStep: 9, until, pass: '', points: [{ step: 0, share: 0 }] };
    const snapshot = await game.trainer.snapshot();
    const restore = (plan: unknown): Promise<void> =>
      game.trainer.restore({ ...snapshot, plan } as unknown as TrainerSnapshot);
    await restore(good);
    for (const points of [[], [{ step: 0.5, share: 0 }], [{ step: 0, share: 2 }], [7], 7]) {
      await expect(restore({ ...good, points })).rejects.toThrow('plan of the snapshot must be');
    }
    await expect(restore({ until, pass: '' })).rejects.toThrow('plan of the snapshot must be');
  });
});

describe('what ends a run', () => {
  const positive = 'minutes must be a positive number, got';
  test.each<readonly [string, TrainOptions, string]>([
    ['0 minutes', { minutes: 0 }, `${positive} 0`],
    ['negative ones', { minutes: -1 }, `${positive} -1`],
    ['NaN', { minutes: NaN }, `${positive} NaN`],
    ['endless ones', { minutes: Infinity }, `${positive} Infinity`],
    ['text', { minutes: '5' as never }, `${positive} '5'`],
    [
      'minutes and steps',
      { minutes: 1, steps: 5 },
      'only one of epochs, steps, until and minutes must be given, got steps and minutes. ' +
        'To limit the steps of a run of minutes, pass maxSteps',
    ],
    [
      'steps and epochs',
      { steps: 5, epochs: 1 },
      'only one of epochs, steps, until and minutes must be given, got epochs and steps. ' +
        'For whichever comes first, pass until: { epochs, steps }',
    ],
    ['until and minutes', { until: { steps: 5 }, minutes: 1 }, 'got until and minutes'],
    ['maxSteps alone', { maxSteps: 5 }, 'maxSteps must be used with minutes'],
    ['a part of a step', { minutes: 1, maxSteps: 1.5 }, 'maxSteps must be an integer of at least'],
  ])('is refused: %s', async (_name, options, message) => {
    using game = smallGame();
    const data = smallData();
    await expect(game.trainer.fit(data, { batchSize, ...options })).rejects.toThrow(message);
    expect(() => game.trainer.steps(data, { batchSize, ...options })).toThrow(message);
    expect(game.trainer.step).toBe(0);
  });
});
