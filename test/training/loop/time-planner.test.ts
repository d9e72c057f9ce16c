import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { linearDecay } from 'tfjs-gan';
import { shareAt } from '../../../src/core/schedules/run-course.ts';
import { TimePlanner } from '../../../src/training/loop/time-planner.ts';
import type { TrainingPlan } from '../../../src/training/state/trainer-snapshot.ts';

/** What the clock shows, in seconds: only tests move it. */
let clock = 0;

beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => 1000 * clock);
});

afterEach(() => {
  vi.restoreAllMocks();
});

interface Simulation {
  readonly minutes: number;
  /** Seconds that a step takes, and callbacks after it. */
  readonly seconds: (step: number) => number;
  readonly callbacks?: (step: number) => number;
  readonly start?: Partial<ConstructorParameters<typeof TimePlanner>[0]>;
  /** After which step the run is ended. */
  readonly stopAt?: number;
}

interface Simulated {
  /** Share of the run in each step. */
  readonly shares: readonly number[];
  /** What each plan was, and after which step it came. */
  readonly plans: readonly (readonly [step: number, lastStep: number | undefined])[];
  readonly plan: TrainingPlan;
  readonly rates: (decay: ReturnType<typeof linearDecay>) => number[];
}

/** A run as `TrainingRun` makes it, without what it trains. */
function simulate({
  minutes,
  seconds,
  callbacks,
  start,
  stopAt = Infinity,
}: Simulation): Simulated {
  const begin = start?.step ?? 0;
  const planner = new TimePlanner({
    minutes,
    step: begin,
    latestStep: Infinity,
    pass: 'data',
    trainedSeconds: 0,
    former: undefined,
    ...start,
  });
  const shares: number[] = [];
  const courses: Parameters<typeof shareAt>[0][] = [];
  const plans: [number, number | undefined][] = [];
  for (
    let step = begin + 1;
    step <= Math.min(planner.plan.lastStep ?? Infinity, stopAt);
    step += 1
  ) {
    const { points = [], lastStep } = planner.plan;
    courses.push({ points, lastStep });
    shares.push(shareAt({ points, lastStep }, step));
    const took = seconds(step);
    clock += took;
    if (planner.afterStep(step, took)) plans.push([step, planner.plan.lastStep]);
    clock += callbacks?.(step) ?? 0;
  }
  return {
    shares,
    plans,
    plan: planner.plan,
    rates: (decay) =>
      courses.map((course, i) => {
        const step = begin + i + 1;
        const plannedSteps = course.lastStep;
        return decay.valueAt({ step, update: step, samples: 0, plannedSteps, course });
      }),
  };
}

function largestJump(values: readonly number[]): number {
  return Math.max(...values.slice(1).map((value, i) => Math.abs(value - values[i]!)));
}

describe('TimePlanner', () => {
  test('plans after 20 steps, and ends in time with a share of exactly 1', () => {
    const { shares, plans } = simulate({ minutes: 10, seconds: () => 0.09 });
    expect(clock).toBeLessThanOrEqual(600);
    expect(clock).toBeGreaterThan(590);
    expect(plans[0]![0]).toBe(20);
    expect(plans.at(-1)![1]).toBe(shares.length);
    expect(shares.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 0));
    expect(shares.at(-1)).toBe(1);
    expect(largestJump(shares)).toBeLessThan(1.1 / shares.length);
  });

  test('keeps a plan that fits', () => {
    const { plans } = simulate({ minutes: 60, seconds: () => 0.2 });
    expect(plans.length).toBeLessThanOrEqual(4);
  });

  test.each<readonly [string, (step: number) => number, number]>([
    ['becomes slow in the middle', () => (clock < 150 ? 0.1 : 1), 0.03],
    ['becomes fast in the middle', () => (clock < 150 ? 1 : 0.1), 0.03],
    ['is slow for a while', () => (clock > 100 && clock < 130 ? 1 : 0.1), 0.03],
    ['becomes slow at the very end', () => (clock < 290 ? 0.1 : 1), 0.05],
    ['is ten times as slow near the end', () => (clock < 280 ? 0.1 : 1), 0.05],
    ['takes turns', (step) => (step % 2 === 0 ? 0.02 : 0.4), 0.03],
    ['begins with a step of 40 seconds', (step) => (step === 1 ? 40 : 0.1), 0.03],
    ['is slow for the first 20 steps', (step) => (step <= 20 ? 2 : 0.1), 0.05],
  ])(
    'ends in time on a machine that %s, and bends the share without a jump',
    (_name, seconds, jump) => {
      const { shares } = simulate({ minutes: 5, seconds });
      expect(clock).toBeLessThanOrEqual(301);
      expect(clock).toBeGreaterThan(290);
      expect(shares.at(-1)).toBe(1);
      expect(largestJump(shares)).toBeLessThan(jump);
      shares.slice(1).forEach((share, i) => {
        expect(share).toBeGreaterThanOrEqual(shares[i]!);
      });
    },
  );

  test('counts the time of callbacks, rare ones with their mean', () => {
    const callbacks = (step: number): number => (step % 100 === 0 ? 10 : 0);
    const { shares } = simulate({ minutes: 5, seconds: () => 0.1, callbacks });
    // A hundred steps take 20 seconds, half of them in the callback: at most one callback too many.
    expect(clock).toBeLessThanOrEqual(310);
    expect(clock).toBeGreaterThan(280);
    expect(shares.at(-1)).toBe(1);
  });

  test('plans from fewer steps, if 20 take too long', () => {
    const { shares, plans } = simulate({ minutes: 5, seconds: () => 35 });
    expect(plans).toEqual([[3, 8]]);
    expect(clock).toBe(280);
    expect(shares).toEqual([0, 0, 0, 0.2, 0.4, 0.6, 0.8, 1]);
  });

  test('ends a run after its first step, and says so, if that takes longer than the minutes', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { shares, plans } = simulate({ minutes: 1, seconds: () => 90 });
    expect([shares, plans]).toEqual([[0], [[1, 1]]]);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      'tfjs-gan: the first step ended 90 seconds after the run began, which was to take 1 minutes: the run ends with it, ' +
        'and schedules stay at their start. Train for more minutes',
    );
  });

  test('has one more step, with a share of 1, if a callback uses the time up', () => {
    const callbacks = (step: number): number => (step === 30 ? 500 : 0);
    const { shares } = simulate({ minutes: 2, seconds: () => 0.5, callbacks });
    expect(shares).toHaveLength(32);
    expect(shares.at(-1)).toBe(1);
  });

  test('plans no more steps than there may be', () => {
    const { plans } = simulate({ minutes: 2, seconds: () => 0.5, start: { latestStep: 50 } });
    expect(plans).toEqual([[20, 50]]);
    const none = simulate({ minutes: 2, seconds: () => 0.5, start: { latestStep: 0 } });
    expect(none.shares).toEqual([]);
    const few = simulate({ minutes: 2, seconds: () => 0.5, start: { latestStep: 5 } });
    expect(few.shares).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    clock = 0;
    const fewer = simulate({ minutes: 1, seconds: () => 20, start: { latestStep: 5 } });
    expect(fewer.shares).toHaveLength(3);
    expect(fewer.shares.at(-1)).toBe(1);
  });

  test('with the most steps there may be continues with that plan after a kill', () => {
    const start = { latestStep: 150 };
    const whole = simulate({ minutes: 2, seconds: () => 0.5, start });
    const killed = simulate({ minutes: 2, seconds: () => 0.5, start, stopAt: 90 });
    const former = structuredClone(killed.plan);
    const rest = simulate({
      minutes: 2,
      seconds: () => 0.5,
      start: { ...start, step: 90, former },
    });
    expect([...killed.shares, ...rest.shares]).toEqual(whole.shares);
  });

  test('stands a clock that shows no time at all at first, and minutes without number', () => {
    const { plans } = simulate({
      minutes: 1e300,
      seconds: () => 0,
      start: { step: 7 },
      stopAt: 40,
    });
    expect(plans).toEqual([[27, Number.MAX_SAFE_INTEGER]]);
  });

  test('does not count while it is paused', () => {
    const start = { step: 0, latestStep: Infinity, pass: '', trainedSeconds: 0, former: undefined };
    const planner = new TimePlanner({ minutes: 1, ...start });
    for (let step = 1; step <= 20; step += 1) {
      clock += 1;
      planner.afterStep(step, 1);
      const goOn = planner.pause();
      clock += 100;
      goOn();
    }
    expect(planner.plan.lastStep).toBeGreaterThan(50);
  });
});

describe('a decay that ends with a run of minutes', () => {
  const slower = { minutes: 5, seconds: () => (clock < 100 ? 0.5 : 1) };

  test('holds for a share of the run', () => {
    const run = simulate(slower);
    const rates = run.rates(linearDecay({ from: 1, hold: 0.5 }));
    rates.forEach((rate, i) => {
      expect(rate).toBeCloseTo(Math.min(1, 2 - 2 * run.shares[i]!), 12);
    });
    expect(rates.at(-1)).toBe(0);
    expect(largestJump(rates)).toBeLessThan(0.03);
  });

  test('begins after a number of steps, though the plan changes before and after it', () => {
    const run = simulate(slower);
    const begin = 100;
    expect(run.plans.some(([step]) => step < begin)).toBe(true);
    expect(run.plans.some(([step]) => step > begin)).toBe(true);
    const rates = run.rates(linearDecay({ from: 1, begin }));
    expect(rates.slice(0, begin).every((rate) => rate === 1)).toBe(true);
    expect(rates[begin + 2]).toBeLessThan(1);
    expect(rates.at(-1)).toBe(0);
    expect(largestJump(rates)).toBeLessThan(0.03);
  });

  test('is at its end in the last step, though that comes before its beginning', () => {
    const rates = simulate(slower).rates(linearDecay({ from: 1, begin: 10_000 }));
    expect(rates.at(-2)).toBe(1);
    expect(rates.at(-1)).toBe(0);
  });
});

describe('a run of minutes after another run', () => {
  test('continues from the share of a plan that was not at its end', () => {
    const first = simulate({ minutes: 2, seconds: () => 0.5, stopAt: 100 });
    clock = 0;
    const start = { step: 100, former: first.plan };
    const second = simulate({ minutes: 2, seconds: () => 0.5, start });
    expect(clock).toBeGreaterThan(117);
    expect(second.shares.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => first.shares[99]!));
    expect(second.shares.at(-1)).toBe(1);
    // Also for what begins after a number of steps that lies before it.
    const decay = linearDecay({ from: 1, begin: 50 });
    const rates = [...first.rates(decay), ...second.rates(decay)];
    expect(largestJump(rates)).toBeLessThan(0.01);
  });

  test('that had no plan yet stays if that one was', () => {
    const first = simulate({ minutes: 2, seconds: () => 0.5, stopAt: 100 });
    const second = simulate({
      minutes: 2,
      seconds: () => 0.5,
      stopAt: 105,
      start: { step: 100, former: first.plan },
    });
    expect(second.plan.lastStep).toBeUndefined();
    const { shares } = simulate({
      minutes: 2,
      seconds: () => 0.5,
      stopAt: 110,
      start: { step: 105, former: second.plan },
    });
    expect(new Set(shares)).toEqual(new Set([first.shares[99]]));
  });

  test('of a fixed number of steps continues from its share', () => {
    const former = { lastStep: 100, until: { steps: 100 }, pass: 'data' };
    const start = { step: 50, former };
    const { shares, rates } = simulate({ minutes: 1, seconds: () => 0.5, start });
    expect(shares[0]).toBe(0.5);
    const fixed = linearDecay({ from: 1, begin: 10 });
    const next = fixed.valueAt({ step: 51, update: 51, samples: 0, plannedSteps: 100 });
    expect(rates(fixed)[0]).toBeCloseTo(next, 12);
  });

  test('that came to its end counts the time of all steps, as a number of steps counts them', () => {
    const { plan, shares } = simulate({ minutes: 1, seconds: () => 0.5 });
    const start = { step: shares.length, former: plan, trainedSeconds: 60 };
    const second = simulate({ minutes: 1, seconds: () => 0.5, start });
    expect(second.shares[0]).toBe(0.5);
    expect(second.shares.at(-1)).toBe(1);
  });
});
