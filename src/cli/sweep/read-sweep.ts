import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { formatValue } from '../../core/format.ts';
import { checkSettings, readObject, type Refuse, refusalsOf } from '../config/read-config.ts';
import { defaultsOf, type Flags } from '../flags.ts';
import type { JudgeSettings } from '../models/evaluate-model.ts';
import { checkEnd } from '../training/run-end.ts';
import type { TrainFlags } from '../training/start-run.ts';
import { chosenSettings, type Choice } from './choose-settings.ts';
import { checkNames, integerIn, recordIn, textIn } from './sweep-values.ts';

/** A run of a sweep, before anything is read or trained. */
export interface SweepRun {
  /** Its place in the order of the sweep, from 0. */
  readonly number: number;
  /** The first 12 digits of the SHA-256 of its settings: the name of its folder. */
  readonly id: string;
  readonly folder: string;
  /** The settings that the sweep varies, as its file has them. */
  readonly varied: Choice;
  readonly seed: number;
  /** Varied settings and seed, in words. */
  readonly title: string;
  /** DATA, as for `train`. */
  readonly data: string;
  readonly flags: TrainFlags;
}

/** When runs that are behind are dropped. */
export interface Halving {
  /** The steps at which runs are compared, ascending; the end of the runs is none of them. */
  readonly rungs: readonly number[];
  /** Of so many runs, the best one continues. */
  readonly factor: number;
}

/** A list of runs. */
export interface Sweep {
  readonly name: string;
  /** The folder of all runs. */
  readonly folder: string;
  readonly runs: readonly SweepRun[];
  /** How generators are compared with real samples. */
  readonly score: JudgeSettings;
  readonly halving: Halving | undefined;
}

/** Flags of `train` that are no matter of the list: the place of a run, its machine, its seed. */
const others: readonly string[] = [
  ...['out', 'overwrite', 'dryRun', 'config'],
  ...['backend', 'threads', 'seed'],
];

const names: readonly string[] = [
  ...['base', 'grid', 'random', 'list', 'seeds'],
  ...['out', 'score', 'halving'],
];

/**
 * Reads a list of runs.
 *
 * @param file - The path of the file.
 * @param trainFlags - The flags of `train`.
 * @throws UsageError if the file is damaged, or a setting is unknown or wrong.
 */
export async function readSweep(file: string, trainFlags: Flags): Promise<Sweep> {
  const refuse = refusalsOf('sweep', file);
  const given = await readObject(file, refuse);
  checkNames('', given, names, refuse);
  const flags = Object.fromEntries(
    Object.entries(trainFlags).filter(([name]) => !others.includes(name)),
  );
  const name = basename(file).replace(/\.json$/i, '');
  const home = dirname(file);
  const folder = join(home, textIn(given, 'out', refuse) ?? join('runs', name));
  const base = recordIn(given, 'base', refuse) ?? {};
  const runs = chosenSettings(given, flags, refuse).flatMap((varied) => {
    const merged = { ...base, ...varied };
    const { data, ...settings } = checkSettings(merged, flags, home, refuse);
    if (typeof data !== 'string') throw refuse('data must be in base', 'none');
    checkEnd(settings);
    return seedsIn(given, refuse).map((seed) => ({
      varied,
      seed,
      data,
      id: idOf({ ...merged, seed }),
      title: wordsOf({ ...varied, seed }),
      // Read by the flags of the same names.
      flags: { ...defaultsOf(trainFlags), ...settings, seed } as unknown as TrainFlags,
    }));
  });
  const twice = runs.find(({ id }, i) => runs.findIndex((run) => run.id === id) < i);
  if (twice !== undefined) throw refuse('each run must be there once', `'${twice.title}' twice`);
  return {
    name,
    folder,
    runs: runs.map((run, number) => ({ ...run, number, folder: join(folder, run.id) })),
    score: scoreIn(given, home, refuse),
    halving: halvingIn(given, runs, refuse),
  };
}

function seedsIn(given: Readonly<Record<string, unknown>>, refuse: Refuse): readonly number[] {
  const { seeds = [42] } = given;
  const isSeed = (seed: unknown): boolean =>
    Number.isSafeInteger(seed) && (seed as number) >= 0 && (seed as number) < 2 ** 32;
  if (Array.isArray(seeds) && seeds.length > 0 && seeds.every(isSeed)) return seeds as number[];
  throw refuse(
    'seeds must be a list of integers of at least 0 and less than 2³²',
    formatValue(seeds),
  );
}

function scoreIn(
  given: Readonly<Record<string, unknown>>,
  home: string,
  refuse: Refuse,
): JudgeSettings {
  const score = recordIn(given, 'score', refuse) ?? {};
  checkNames(' of score', score, ['data', 'samples', 'seeds', 'features'], refuse);
  const data = textIn(score, 'data', refuse);
  const { features } = score;
  if (features !== undefined && features !== 'mnist' && features !== 'areas') {
    throw refuse('features must be mnist or areas', formatValue(features));
  }
  return {
    features,
    data: data === undefined || data === 'mnist' ? data : resolve(home, data),
    samples: integerIn(score, 'samples', { usual: 2000, least: 2 }, refuse),
    seeds: integerIn(score, 'seeds', { usual: 1, least: 1 }, refuse),
  };
}

function halvingIn(
  given: Readonly<Record<string, unknown>>,
  runs: readonly Pick<SweepRun, 'flags'>[],
  refuse: Refuse,
): Halving | undefined {
  const halving = recordIn(given, 'halving', refuse);
  if (halving === undefined) return undefined;
  checkNames(' of halving', halving, ['from', 'factor'], refuse);
  const factor = integerIn(halving, 'factor', { usual: 3, least: 2 }, refuse);
  const from = integerIn(halving, 'from', { usual: 0, least: 1 }, refuse);
  const ends = [...new Set(runs.map(({ flags }) => flags.steps))];
  const [steps] = ends;
  if (ends.length !== 1 || steps === undefined || steps <= from) {
    throw refuse(
      `steps must be more than ${from} and the same for all runs, because halving compares them after ${from}`,
      formatValue(ends.length === 1 ? steps : ends),
    );
  }
  const rungs: number[] = [];
  for (let step = from; step < steps; step *= factor) rungs.push(step);
  return { rungs, factor };
}

/** The same for the same settings in any order, on any machine. */
function idOf(settings: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12);
}

/** Settings in words, such as `steps 500, seed 3`. */
export function wordsOf(settings: Choice): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}
