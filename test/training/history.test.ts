import { describe, expect, test } from 'vitest';
import { type EpochInfo, History, type HistoryData, type StepInfo } from 'tfjs-gan';

/** A step whose numbers follow from its number alone. */
function step(number: number, stepsPerEpoch = 1_000): StepInfo {
  const noise = (of: number): number => Math.fround(Math.sin(number * of));
  const losses = { discriminator: noise(0.7), generator: noise(1.3) };
  return {
    number,
    epoch: Math.ceil(number / stepsPerEpoch),
    stepInEpoch: ((number - 1) % stepsPerEpoch) + 1,
    samples: 8,
    losses,
    terms: { discriminator: { bce: losses.discriminator }, generator: { bce: losses.generator } },
    gradientNorms: losses,
    learningRates: { discriminator: 1e-3, generator: 1e-3 },
    metrics: { 'accuracy/real': noise(0.1), 'accuracy/fake': noise(0.2) },
    constraintMetrics: { discriminator: {}, generator: {} },
    seconds: 0.1 + number / 1e6,
    partSeconds: { callbacks: 0, data: 0, turns: { discriminator: 0, generator: 0 }, read: 0.1 },
  };
}

/** Adds steps as a trainer does, an epoch closed after its last one. */
function grow(history: History, from: number, to: number, stepsPerEpoch = 1_000): EpochInfo[] {
  const closed: EpochInfo[] = [];
  for (let number = from; number <= to; number += 1) {
    history.addStep(step(number, stepsPerEpoch));
    if (number % stepsPerEpoch === 0) closed.push(history.closeEpoch(number / stepsPerEpoch));
  }
  return closed;
}

const numbersOf = ({ steps }: History): number[] => steps.map(({ number }) => number);
const range = (from: number, to: number, by = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
const throughJson = (history: History): HistoryData =>
  JSON.parse(JSON.stringify(history)) as HistoryData;

describe('History', () => {
  test('is whole up to 20,000 steps', () => {
    const history = new History();
    grow(history, 1, 20_000);
    expect(numbersOf(history)).toEqual(range(1, 20_000));
  });

  test('of a longer run keeps the first 100 and the newest 5,000 steps, and every so manyth between', () => {
    const history = new History();
    grow(history, 1, 20_001);
    expect(numbersOf(history)).toEqual([
      ...range(1, 101),
      ...range(102, 15_000, 2),
      ...range(15_002, 20_001),
    ]);
  });

  test('does not grow with the run', () => {
    const history = new History();
    grow(history, 1, 300_000);
    const numbers = numbersOf(history);
    expect(numbers.length).toBeLessThanOrEqual(20_000);
    expect(numbers.slice(0, 100)).toEqual(range(1, 100));
    expect(numbers.slice(-5_000)).toEqual(range(295_001, 300_000));
    // No part of the run is left out for longer than the stride, a power of two.
    const gaps = numbers.slice(1).map((number, i) => number - numbers[i]!);
    expect(Math.max(...gaps)).toBe(32);
    expect(numbers).toContain(32 * 1_000);
  });

  test('keeps the steps in which a penalty of every 16th step is due', () => {
    const history = new History();
    grow(history, 1, 120_000);
    const due = numbersOf(history).filter((number) => number % 16 === 0);
    expect(due.slice(0, 3)).toEqual([16, 32, 48]);
    expect(due.filter((number) => number > 1_000 && number < 50_000)).toEqual(
      range(1_008, 49_999, 16),
    );
  });

  let whole: string | undefined;
  const uninterrupted = (): string => {
    if (whole === undefined) {
      const history = new History();
      grow(history, 1, 50_000);
      whole = JSON.stringify(history);
    }
    return whole;
  };

  test.each([500, 20_000, 20_001, 31_415])(
    'continues from %i steps as one that was never interrupted',
    (interrupted) => {
      const first = new History();
      grow(first, 1, interrupted);
      const second = new History(throughJson(first));
      grow(second, interrupted + 1, 50_000);
      // As text, because to compare so many steps by their fields takes seconds.
      expect(JSON.stringify(second) === uninterrupted()).toBe(true);
    },
  );

  test('made of more steps than it keeps is as one that grew by them', () => {
    const steps = range(1, 33_333).map((number) => step(number));
    const grown = new History();
    for (const one of steps) grown.addStep(one);
    expect(JSON.stringify(new History({ steps, epochs: [] })) === JSON.stringify(grown)).toBe(true);
  });

  test('sums up an epoch over all its steps, those that were thinned out and those before a restart too', () => {
    const stepsPerEpoch = 45_000;
    const first = new History();
    grow(first, 1, 30_000, stepsPerEpoch);
    const second = new History(throughJson(first));
    const [epoch] = grow(second, 30_001, stepsPerEpoch, stepsPerEpoch);
    const all = range(1, stepsPerEpoch).map((number) => step(number, stepsPerEpoch));
    const sum = (read: (one: StepInfo) => number): number =>
      all.reduce((total, one) => total + read(one), 0);
    expect(epoch).toEqual({
      number: 1,
      steps: 45_000,
      losses: {
        discriminator: sum(({ losses }) => losses.discriminator) / 45_000,
        generator: sum(({ losses }) => losses.generator) / 45_000,
      },
      metrics: {
        'accuracy/real': sum(({ metrics }) => metrics['accuracy/real']) / 45_000,
        'accuracy/fake': sum(({ metrics }) => metrics['accuracy/fake']) / 45_000,
      },
      seconds: sum(({ seconds }) => seconds),
    });
    expect(second.seconds).toBe(sum(({ seconds }) => seconds));
  });

  test('closes any epoch whose steps it still has', () => {
    const history = new History();
    for (const number of range(1, 6)) history.addStep(step(number, 2));
    expect(history.closeEpoch(2)).toMatchObject({ number: 2, steps: 2 });
    expect(history.closeEpoch(1).losses.generator).toBe(
      (step(1).losses.generator + step(2).losses.generator) / 2,
    );
    expect(history.epochs.map(({ number }) => number)).toEqual([2, 1]);
  });

  test('reads a history without sums, as earlier versions wrote it', () => {
    const history = new History();
    grow(history, 1, 1_500);
    const { steps, epochs } = throughJson(history);
    const again = new History({ steps, epochs });
    expect(again.toJSON()).toEqual(history.toJSON());
  });

  test('bounds epochs as well', () => {
    const history = new History();
    grow(history, 1, 30_000, 1);
    expect(history.epochs.length).toBeLessThanOrEqual(20_000);
    expect(history.epochs.at(-1)?.number).toBe(30_000);
    expect(history.epochs[0]?.number).toBe(1);
  });

  test('bounds what is logged, and keeps what is logged now and then beside what is logged always', () => {
    const history = new History();
    for (const number of range(1, 100_000)) {
      history.addLogged({ step: number, values: { 'always/a': number, 'always/b': 1 } });
      if (number % 937 === 0) history.addLogged({ step: number, values: { evaluation: number } });
    }
    expect(history.logged.length).toBeLessThanOrEqual(20_000);
    const evaluations = history.logged.filter(({ values }) => 'evaluation' in values);
    expect(evaluations.map((logged) => logged.step)).toEqual(range(937, 100_000, 937));
    expect(history.logged.at(-1)?.step).toBe(100_000);
  });

  test.each<[string, (i: number) => { step: number; values: Record<string, number> }]>([
    ['all after one step', () => ({ step: 0, values: { a: 1 } })],
    ['each under a name of its own', (i) => ({ step: i, values: { [`a${i}`]: 1 } })],
    ['at steps that are no numbers', () => ({ step: NaN, values: { a: 1 } })],
    ['at negative steps', (i) => ({ step: i % 2 === 0 ? -1 : 0, values: { a: 1 } })],
  ])('bounds what is logged %s', (_how, entry) => {
    const history = new History();
    for (const i of range(0, 45_000)) history.addLogged(entry(i));
    expect(history.logged.length).toBeLessThanOrEqual(20_000);
    expect(history.logged.at(-1)).toEqual(entry(45_000));
  });
});
