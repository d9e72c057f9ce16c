/**
 * Which modes a GAN finds on eight Gaussians on a ring and on 25 on a grid.
 *
 *     npm run bench -- modes                                all recipes, both data sets, 3 seeds; a table
 *     npm run bench -- modes --recipes bce,wgan-gp --data grid25 some of them
 *     npm run bench -- modes --steps 500 --seeds 1          a shorter run
 *     npm run bench -- modes --out runs/mine.jsonl          where finished cells are kept
 *
 * Each finished cell (recipe, data, seed, steps) is a line of the file; a run that is started again skips those, so it may be
 * broken off at any moment. The measure is PacGAN's: 2,500 samples, of high quality within three standard deviations of a mode.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type * as tf from '@tensorflow/tfjs';
import {
  createMlpGan,
  Gan,
  grid25,
  type MixtureDataset,
  ring8,
  Trainer,
  type TrainerOptions,
  TrainingDivergedError,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { modeCoverage } from 'tfjs-gan/metrics';
import { batchSize, hiddenUnits, optimizers, type Networks, recipes } from './modes-recipes.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

interface Cell {
  readonly recipe: string;
  readonly data: string;
  readonly seed: number;
  readonly steps: number;
}

interface Outcome extends Cell {
  readonly modes: number;
  readonly highQualityShare: number;
  /** Null if no sample is of high quality: it is infinite then, which JSON cannot say. */
  readonly reverseKl: number | null;
  readonly seconds: number;
  /** Why training broke off, if it did. */
  readonly failure?: string;
}

const datasets: Readonly<Record<string, () => MixtureDataset>> = { ring8, grid25 };
const sampleCount = 2500;

const { out, steps, ...options } = readOptions({
  recipes: Object.keys(recipes).join(','),
  data: Object.keys(datasets).join(','),
  seeds: 3,
  steps: 4000,
  out: 'runs/modes.jsonl',
});
const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1);
const cells = known('recipes', options.recipes, recipes).flatMap((recipe) =>
  known('data', options.data, datasets).flatMap((data) =>
    seeds.map((seed): Cell => ({ recipe, data, seed, steps })),
  ),
);

await mkdir(dirname(out), { recursive: true });
const before = (await readJsonLines(out)) as Outcome[];
const finished = new Map(before.map((outcome) => [keyOf(outcome), outcome]));
await useBackend(wasmTrain({ threads: 1 }));
for (const cell of cells) {
  if (finished.has(keyOf(cell))) continue;
  const outcome = await runCell(cell);
  finished.set(keyOf(cell), outcome);
  await appendFile(out, `${JSON.stringify(outcome)}\n`);
  console.error(line(outcome));
}
report(cells.map((cell) => finished.get(keyOf(cell))!));

async function runCell(cell: Cell): Promise<Outcome> {
  const data = datasets[cell.data]!();
  const { networks, batch = batchSize, ...settings } = recipes[cell.recipe]!(cell.steps);
  const rules = { optimizers: optimizers(cell.steps), ...settings, seed: cell.seed };
  const gan =
    networks === undefined
      ? createMlpGan({ sampleShape: [2], latentSize: 2, hiddenUnits, ...rules })
      : ganOf(networks(cell.seed), rules);
  const begin = performance.now();
  try {
    await gan.trainer.fit(data, { steps: cell.steps, batchSize: batch });
    return { ...cell, ...(await judge()), seconds: elapsed() };
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    return { ...cell, ...(await judge()), seconds: elapsed(), failure: error.message };
  } finally {
    gan.dispose();
  }

  function elapsed(): number {
    return Math.round((performance.now() - begin) / 100) / 10;
  }

  async function judge(): Promise<Pick<Outcome, 'modes' | 'highQualityShare' | 'reverseKl'>> {
    const samples = gan.generator.sample(sampleCount, { seed: 1000 + cell.seed }) as tf.Tensor2D;
    const { modes, highQualityShare, reverseKl } = await modeCoverage(samples, data);
    samples.dispose();
    return { modes, highQualityShare, reverseKl: Number.isFinite(reverseKl) ? reverseKl : null };
  }
}

function ganOf(networks: Networks, rules: Omit<TrainerOptions, keyof Networks>): Gan {
  return new Gan({ ...networks, trainer: new Trainer({ ...networks, ...rules }) });
}

function keyOf(cell: Cell): string {
  return [cell.recipe, cell.data, cell.seed, cell.steps].join(' ');
}

function report(outcomes: readonly Outcome[]): void {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const name = `${outcome.data} ${outcome.recipe}`;
    groups.set(name, [...(groups.get(name) ?? []), outcome]);
  }
  const rows = [...groups.values()].map((runs) => {
    const { data, recipe } = runs[0]!;
    const middle = (read: (run: Outcome) => number): number => median(runs.map(read));
    const diverged = runs.filter(({ failure }) => failure !== undefined).length;
    const reverseKl = middle((run) => run.reverseKl ?? Infinity);
    return [
      ...[data, diverged > 0 ? `${recipe} (${diverged} diverged)` : recipe],
      ...[middle(({ modes }) => modes), percent(middle((run) => run.highQualityShare))],
      ...[Number.isFinite(reverseKl) ? reverseKl.toFixed(2) : '∞'],
      middle(({ seconds }) => seconds).toFixed(0),
    ];
  });
  const head = ['data', 'recipe', 'modes', 'high quality', 'reverse KL', 'seconds'];
  console.log(table(head, rows));
}

function line(outcome: Outcome): string {
  const { recipe, data, seed, modes, highQualityShare, seconds, failure } = outcome;
  const end = failure === undefined ? '' : `, diverged: ${failure}`;
  return `${data} ${recipe} seed ${seed}: ${modes} modes, ${percent(highQualityShare)} in ${seconds} s${end}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function known(flag: string, list: string, all: Readonly<Record<string, unknown>>): string[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(all, name));
  if (unknown === undefined) return names;
  throw new RangeError(
    `Cannot bench modes: --${flag} must name some of ${Object.keys(all).join(', ')}, got '${unknown}'`,
  );
}
