import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { train } from '../../src/cli/commands/train.ts';
import type { RunOutcome } from '../../src/cli/sweep/run-outcome.ts';
import { readSweep, type SweepRun } from '../../src/cli/sweep/read-sweep.ts';
import { lockFolder } from '../../src/platforms/node/checkpoints/folder-lock.ts';
import { encodeNpy } from '../../src/io/npy.ts';
import { type Outcome, runCli } from './capture.ts';
import { sharedFolder } from '../support/temporary-folder.ts';

const at = sharedFolder();
const base = { data: 'points.npy', steps: 4, batchSize: 8 };
const fast = ['--backend', 'wasm-train', '--threads', '1', '--quiet'];

async function write(name: string, sweep: object | string): Promise<string> {
  const file = at(`${name}.json`);
  await writeFile(file, typeof sweep === 'string' ? sweep : JSON.stringify(sweep));
  return file;
}

async function runsOf(sweep: object): Promise<readonly SweepRun[]> {
  return (await readSweep(await write('read', sweep), train.flags)).runs;
}

/** Runs the sweep of a file. */
async function sweep(file: string, ...flags: readonly string[]): Promise<Outcome> {
  return runCli('sweep', file, ...flags, ...fast);
}

async function outcomesOf(name: string): Promise<Map<string, RunOutcome>> {
  const { runs } = await readSweep(at(`${name}.json`), train.flags);
  const read = runs
    .filter((run) => existsSync(join(run.folder, 'outcome.json')))
    .map(async (run): Promise<[string, RunOutcome]> => {
      const text = await readFile(join(run.folder, 'outcome.json'), 'utf8');
      return [run.title, JSON.parse(text) as RunOutcome];
    });
  return new Map(await Promise.all(read));
}

beforeAll(async () => {
  const points = Float32Array.from({ length: 2 * 64 }, (_, i) => Math.sin(i) / 2);
  await writeFile(at('points.npy'), encodeNpy([64, 2], points));
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the list of a sweep', () => {
  test('has every combination of a grid, the first setting slowest and seeds fastest', async () => {
    const grid = { learningRate: [0.1, 0.2], batchSize: [4, 8] };
    const runs = await runsOf({ base, grid, seeds: [1, 2] });
    expect(runs.map(({ title }) => title)).toEqual([
      'learningRate 0.1, batchSize 4, seed 1',
      'learningRate 0.1, batchSize 4, seed 2',
      'learningRate 0.1, batchSize 8, seed 1',
      'learningRate 0.1, batchSize 8, seed 2',
      'learningRate 0.2, batchSize 4, seed 1',
      'learningRate 0.2, batchSize 4, seed 2',
      'learningRate 0.2, batchSize 8, seed 1',
      'learningRate 0.2, batchSize 8, seed 2',
    ]);
    expect(runs[3]!.flags).toMatchObject({ learningRate: 0.1, batchSize: 8, steps: 4, seed: 2 });
    expect(runs[3]!.data).toBe(at('points.npy'));
  });

  test('names each run by the SHA-256 of its settings in alphabetical order', async () => {
    const [run] = await runsOf({ base, list: [{ learningRate: 0.25 }], seeds: [7] });
    // python3: hashlib.sha256(b'[["batchSize",8],["data","points.npy"],["learningRate",0.25],["seed",7],["steps",4]]')
    expect(run!.id).toBe('f7332a5caac9');
    const [same] = await runsOf({
      base: { batchSize: 8, data: 'points.npy' },
      grid: { steps: [4], learningRate: [0.25] },
      seeds: [7],
    });
    expect(same!.id).toBe(run!.id);
    expect(run!.folder).toBe(at(`runs/read/${run!.id}`));
  });

  test('draws random settings in their ranges; more runs and settings leave the others alone', async () => {
    const settings = {
      learningRate: { min: 1e-4, max: 1e-2, scale: 'log' },
      latentSize: { min: 2, max: 64 },
      augment: ['none', 'auto'],
    };
    const draw = async (count: number, drawn: object): Promise<SweepRun['varied'][]> =>
      (await runsOf({ base, random: { count, seed: 3, settings: drawn } })).map(
        ({ varied }) => varied,
      );
    const many = await draw(200, settings);
    expect(await draw(20, settings)).toEqual(many.slice(0, 20));
    const rates = many.map(({ learningRate }) => learningRate as number);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
    // Log-uniform: half of them below the geometric mean; 200 draws, four standard deviations.
    const low = rates.filter((rate) => rate < 1e-3).length;
    expect(Math.abs(low - 100)).toBeLessThan(29);
    for (const { latentSize } of many) expect(Number.isInteger(latentSize)).toBe(true);
    const fewer = { learningRate: settings.learningRate };
    expect((await draw(5, fewer)).map((one) => one['learningRate'])).toEqual(rates.slice(0, 5));
  });

  test.each([
    [
      { base, grid: {}, list: [] },
      "one of grid, random and list must be given in 'F', got grid, list",
    ],
    [
      { base, gird: {} },
      /each name must be one of base, .* in 'F', got 'gird'\. Did you mean grid\?/,
    ],
    [{ base: { steps: 3 } }, "data must be in base in 'F', got none"],
    [
      { base, grid: { learningRate: 0.1 } },
      "learningRate must be a list of values in 'F', got 0.1",
    ],
    [
      { base, grid: { learningRate: [0.1, -1] } },
      "learningRate must be a positive number in 'F', got -1",
    ],
    [{ base: { ...base, seed: 3 } }, "each name must be a setting in 'F', got 'seed'"],
    [
      { base, seeds: 3 },
      "seeds must be a list of integers of at least 0 and less than 2³² in 'F', got 3",
    ],
    [
      { base, list: [{ minutes: 3 }] },
      'Cannot train: one of --minutes, --steps and --epochs must end the run, got --minutes and --steps',
    ],
    [
      { base, list: [{ learningRate: 1 }, { learningRate: 1 }] },
      "each run must be there once in 'F', got 'learningRate 1, seed 42' twice",
    ],
    [
      { base, random: { count: 3, settings: { preset: ['mlp', 'auto'] } } },
      "settings of random must allow 3 different runs in 'F', got 2",
    ],
    [
      { base, random: { count: 3, settings: { learningRate: { min: 0, max: 1, scale: 'log' } } } },
      /learningRate must be a list, or \{ min, max, scale \} with min < max/,
    ],
    [
      { base, halving: { from: 4 } },
      /steps must be more than 4 and the same for all runs, .* got 4$/,
    ],
    [{ base, score: { samples: 1 } }, "samples must be an integer of at least 2 in 'F', got 1"],
    ['[', /there must be JSON in 'F', got /],
  ])('is refused with a sentence: %j', async (content, message) => {
    const file = await write('bad', content);
    const { code, stdout, stderr } = await sweep(file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const first = stderr.split('\n')[0]!.replace(file, 'F');
    expect(first.replace('Cannot sweep: ', '')).toEqual(
      typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
    );
  });
});

describe('npx tfjs-gan sweep', () => {
  test('trains each shard, shows all of them, and trains nothing twice', async () => {
    const file = await write('rates', {
      base,
      grid: { learningRate: [1e-3, 2e-3] },
      seeds: [1, 2],
    });
    const first = await sweep(file, '--shard', '0/2');
    expect(first.code).toBe(undefined);
    const lines = first.stdout.split('\n');
    expect(lines[0]).toMatch(/^id +learningRate +seed +state +step +score$/);
    expect(lines[1]).toMatch(/^[0-9a-f]{12} +0\.001 +1 +done +4 +[\d.e-]+$/);
    expect(lines[2]).toMatch(/^[0-9a-f]{12} +0\.001 +2 +waiting +0$/);
    await sweep(file, '--shard', '1/2');
    const times = async (): Promise<number[]> => {
      const { runs } = await readSweep(file, train.flags);
      const stats = runs.map((run) => stat(join(run.folder, 'history.jsonl')));
      return (await Promise.all(stats)).map(({ mtimeMs }) => mtimeMs);
    };
    const before = await times();
    const again = await sweep(file);
    expect(await times()).toEqual(before);
    expect(again.stdout).toContain('learningRate 0.001: ');
    expect(again.stdout).toContain(' of 2 seeds');
    expect(again.stdout).toMatch(/\nBest: .*\n.*comparison\.html: open it in a browser\n$/);
    const page = await readFile(at('runs/rates/comparison.html'), 'utf8');
    expect(page).toContain('4 runs');
    expect(page).toContain('learningRate 0.002, seed 2');
    const csv = await readFile(at('runs/rates/sweep.csv'), 'utf8');
    expect(csv.split('\r\n')[0]).toBe('id,learningRate,seed,state,step,score');
    expect(csv.trimEnd().split('\r\n')).toHaveLength(5);
  });

  test('trains a run as train does, bit-for-bit', async () => {
    const [run] = (await readSweep(at('rates.json'), train.flags)).runs;
    await runCli(
      ...['train', at('points.npy'), '--out', at('alone'), '--steps', '4', '--batch-size', '8'],
      ...['--learning-rate', '0.001', '--seed', '1', ...fast],
    );
    const weights = await Promise.all(
      [run!.folder, at('alone')].map((path) => readFile(join(path, 'generator/weights.bin'))),
    );
    expect(weights[0]!.equals(weights[1]!)).toBe(true);
  });

  test('has the score that evaluate prints', async () => {
    const [run] = (await readSweep(at('rates.json'), train.flags)).runs;
    const { stdout } = await runCli('evaluate', run!.folder, '--seeds', '1', '--json', ...fast);
    const { figures } = JSON.parse(stdout) as { figures: { frechet: { mean: number } } };
    const outcome = (await outcomesOf('rates')).get(run!.title)!;
    expect(outcome.scores).toEqual([{ step: 4, score: figures.frechet.mean }]);
  });

  test('keeps what diverged as a result, and does not try it again', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const file = await write('wild', { base, grid: { learningRate: [1e30, 1e-3] } });
    expect((await sweep(file)).code).toBe(undefined);
    const outcomes = await outcomesOf('wild');
    expect(outcomes.get('learningRate 1e+30, seed 42')).toMatchObject({
      state: 'diverged',
      message: expect.stringContaining('Cannot continue training') as unknown,
    });
    expect(outcomes.get('learningRate 0.001, seed 42')!.state).toBe('done');
    const { stderr, stdout } = await sweep(file);
    expect(stderr).not.toContain('diverged at step');
    expect(stdout).toMatch(/1e\+30 +42 +diverged/);
  });

  test('leaves a run to the process that trains it', async () => {
    const file = await write('taken', { base, seeds: [1, 2] });
    const [run] = (await readSweep(file, train.flags)).runs;
    await mkdir(run!.folder, { recursive: true });
    const release = await lockFolder('sweep', run!.folder);
    const { code, stderr, stdout } = await sweep(file);
    await release();
    expect(code).toBe(undefined);
    expect(stderr).toMatch(/\(seed 1\): .* must be free, got one that another run of this process/);
    expect(stdout).toMatch(/ 1 +training +0\n.* 2 +done/);
  });

  test('ends with 1 if a run has the lock of another machine, which may have ended', async () => {
    const file = await write('elsewhere', { base, seeds: [1, 2] });
    const [run] = (await readSweep(file, train.flags)).runs;
    await mkdir(join(run!.folder, 'lock'), { recursive: true });
    const owner = { pid: 1, host: 'another', claim: 1 };
    await writeFile(join(run!.folder, 'lock/owner.json'), JSON.stringify(owner));
    const { code, stderr, stdout } = await sweep(file);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\(seed 1\): .* on the machine 'another' .* remove '.*lock'/);
    expect(stdout).toMatch(/ 2 +done/);
  });

  test('trains the other runs if one cannot be, ends with 1, and tries it again', async () => {
    const file = await write('mixed', { base, grid: { batchSize: [100, 8] } });
    for (let i = 0; i < 2; i += 1) {
      const { code, stderr, stdout } = await sweep(file);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^Run 1 of 2, [0-9a-f]{12} \(batchSize 100, seed 42\): Cannot train: /,
      );
      expect(stderr).toContain('must be at most the number of samples, 64, got 100');
      expect(stdout).toMatch(/100 +42 +waiting/);
      expect(stdout).toMatch(/ 8 +42 +done/);
    }
  });

  test('drops those behind at each step of halving; those that continue end as if alone', async () => {
    const grid = { learningRate: [1e-4, 1e-3, 1e-2, 3e-2] };
    const whole = { ...base, steps: 5 };
    const file = await write('halved', { base: whole, grid, halving: { from: 2, factor: 2 } });
    expect((await sweep(file)).code).toBe(undefined);
    const outcomes = [...(await outcomesOf('halved')).values()];
    // 4 at step 2, the better half at 4, and its better half to the end.
    const reached = (step: number): RunOutcome[] =>
      outcomes.filter(({ scores }) => scores.some((score) => score.step === step));
    expect([2, 4, 5].map((step) => reached(step).length)).toEqual([4, 2, 1]);
    for (const [step, next] of [
      [2, 4],
      [4, 5],
    ] as const) {
      const scoreAt = ({ scores }: RunOutcome): number =>
        scores.find((score) => score.step === step)!.score!;
      const gone = reached(step).filter((one) => !reached(next).includes(one));
      const worst = Math.max(...reached(next).map(scoreAt));
      for (const one of gone) {
        expect(one).toMatchObject({ state: 'dropped', step });
        expect(scoreAt(one)).toBeGreaterThanOrEqual(worst);
      }
    }
    const byTitle = await outcomesOf('halved');
    const { runs } = await readSweep(file, train.flags);
    const best = runs.find(({ title }) => byTitle.get(title)!.state === 'done');
    const rate = String(best!.varied['learningRate']);
    await runCli(
      ...['train', at('points.npy'), '--out', at('whole'), '--steps', '5', '--batch-size', '8'],
      ...['--learning-rate', rate, ...fast],
    );
    const weights = await Promise.all(
      [best!.folder, at('whole')].map((path) => readFile(join(path, 'generator/weights.bin'))),
    );
    expect(weights[0]!.equals(weights[1]!)).toBe(true);
  });
});
