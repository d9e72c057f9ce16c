/**
 * CTGAN and TVAE on real tables: half of the rows are learned, the other half is held out.
 *
 *     npm run bench -- tables                                  birdstrikes, weather and penguins, seed 1
 *     npm run bench -- tables --tables weather --seeds 1,2,3
 *     npm run bench -- tables --tables birdstrikes --steps 6000 --threads 2
 *     npm run bench -- tables --rate 0.0005 --ema 0.99          settings that differ from the preset's
 *     npm run bench -- tables --models tvae
 *     npm run bench -- tables --models ctgan,peer              CTGAN beside the same networks in PyTorch
 *     npm run bench -- tables --condition 0                     without cross-entropy: the discriminator alone teaches conditions
 *     npm run bench -- tables --condition 0 --control           and conditions shuffled among the rows of a batch: nothing does
 *
 * Beside the figures of generated rows stand those of three others: `floor`, columns drawn independently; `untrained`, the
 * network before its first step; `ceiling`, the held-out half in place of generated rows. Figures are printed three times as
 * training continues, so that a run that is cut short says something.
 *
 * The peer trains from the weights that ours begins with, on the rows as we encode them, with its own batches and random numbers;
 * its generator is sampled by ours. Before that it repeats five steps of ours with the same numbers, and says how far its losses
 * are from ours. It needs Debian's python3-torch and libopenblas0-pthread.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { adam, type Dataset, Random, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import {
  createCtgan,
  type CreateCtganOptions,
  createTvae,
  type TableConstraint,
  tableDataset,
  type TableDataset,
  TableGan,
  tableReport,
  type TableRow,
  type TableValue,
} from 'tfjs-gan/tabular';
import { median } from './shared/median.ts';
import { choose } from './shared/choose.ts';
import { readOptions } from './shared/options.ts';
import { timeSteps } from './shared/time-steps.ts';
import { comparePeer, type TablePeer, trainTableByPyTorch } from './tables-peer.ts';

const { threads, out, ...options } = readOptions({
  tables: 'penguins,weather,birdstrikes',
  seeds: '1',
  // As many as the table needs, if 0.
  steps: 0,
  batch: 0,
  models: 'ctgan',
  control: false,
  // Weight of the cross-entropy of requested values.
  condition: 1,
  parts: 3,
  // The preset's, if 0.
  rate: 0,
  ema: 0,
  threads: 2,
  // Where the files of the peer go.
  out: 'runs/tables',
});

/** A table and how it is learned. */
interface Contest {
  readonly file: string;
  readonly steps: number;
  readonly batchSize: number;
  /** What a tree predicts. */
  readonly target: string;
  readonly constraints: readonly TableConstraint[];
  /** A value that few rows have, to be requested. */
  readonly request: readonly [column: string, value: TableValue];
}

const contests: Readonly<Record<string, Contest>> = {
  penguins: {
    file: 'penguins.json',
    steps: 2000,
    batchSize: 100,
    target: 'Species',
    constraints: [],
    request: ['Species', 'Chinstrap'],
  },
  weather: {
    file: 'weather.csv',
    steps: 3000,
    batchSize: 500,
    target: 'weather',
    constraints: [{ order: ['temp_min', 'temp_max'] }],
    request: ['weather', 'snow'],
  },
  birdstrikes: {
    file: 'birdstrikes.csv',
    steps: 900,
    batchSize: 500,
    target: 'Wildlife Size',
    constraints: [{ total: 'Cost Total $', of: ['Cost Other', 'Cost Repair'] }],
    request: ['Phase of flight', 'Descent'],
  },
};

/** One line of the table: a source of rows, judged. */
interface Line {
  readonly rows: string;
  readonly [figure: string]: string | number | undefined;
}

console.log(`backend ${String(await useBackend(wasmTrain({ threads })))}`);
const models = choose('models', options.models, { ctgan: 1, tvae: 1, peer: 1 });
for (const [name, contest] of choose('tables', options.tables, contests)) {
  for (const [model] of models) {
    for (const seed of options.seeds.split(',').map(Number)) await play(name, contest, model, seed);
  }
}

async function play(name: string, contest: Contest, model: string, seed: number): Promise<void> {
  const { constraints, request } = contest;
  const batchSize = options.batch || contest.batchSize;
  const steps = options.steps || contest.steps;
  const all = await readTable(contest.file);
  const order = [...new Random(1).permutation(all.length)].map((row) => all[row]!);
  const half = order.length >> 1;
  const [training, heldOut] = [order.slice(0, half), order.slice(half)];
  const table = tableDataset(training, { name, constraints });
  const gan =
    model === 'tvae'
      ? createTvae({ table, seed })
      : createCtgan({ table, seed, ...optimization(), conditionWeight: options.condition });
  const data = options.control ? withShuffledConditions(table) : table;
  const real = training.filter((row) => row[request[0]] === request[1]);
  const { control, condition } = options;
  console.log(
    `\n${model}, ${name}, weight of conditions ${condition}${control ? ', shuffled' : ''}: ${all.length} rows, ${half} learned; ${table.sampleShape[0]} numbers a row; seed ${seed}; ` +
      `${real.length} rows have ${request.join(' = ')}`,
  );
  const judge = (rows: string, made: readonly TableRow[]): Line =>
    lineOf(rows, table, made, heldOut, contest);
  const ours = async (label: string): Promise<Line> => {
    const made = await gan.sample(half, { seed: 1 });
    const asked = await gan.generator.draw(real.length, {
      where: { [request[0]]: request[1] },
      seed: 2,
    });
    const inside = tableReport(
      real,
      asked.rows.map((row) => ({ ...row })),
      { rows: 200 },
    );
    return {
      ...judge(label, made),
      requested: rounded(asked.shares[request[0]]!),
      'shapes inside': rounded(inside.shapes.mean),
      'constraints before': rounded((await gan.generator.draw(500, { seed: 3 })).constraintShare),
    };
  };
  const lines = [
    judge('floor: independent columns', shuffledColumns(training)),
    judge('ceiling: held-out rows', heldOut),
    await ours('untrained'),
  ];
  console.table(lines);
  const ends = Array.from({ length: options.parts }, (_, part) =>
    Math.round((steps * (part + 1)) / options.parts),
  );
  const clock = timeSteps();
  const peer =
    model === 'peer' && gan instanceof TableGan
      ? await learnByPyTorch(gan, table, { name, batchSize, seed, ends })
      : undefined;
  for (const end of ends) {
    if (peer === undefined) {
      await gan.trainer.fit(data, {
        until: { steps: end },
        batchSize,
        callbacks: [clock.callback],
      });
    } else await peer.take(end);
    console.table([await ours(`${model} ${name} seed ${seed}, step ${end}`)]);
    const seconds = (peer ?? clock).seconds.slice(0, end);
    const total = seconds.reduce((sum, one) => sum + one, 0);
    const epoch = (total / end) * Math.floor(half / batchSize);
    console.log(
      `${total.toFixed(0)} s of training, ${epoch.toFixed(2)} s an epoch, ` +
        `${(1000 * median(seconds)).toFixed(0)} ms a step (median)`,
    );
  }
  const kept = (await gan.sample(1000, { seed: 4 })).every((row) =>
    constraints.every((one) => keeps(one, row)),
  );
  console.log(`constraints in 1000 rows: ${kept ? 'all kept' : 'broken'}`);
  gan.dispose();
}

/** The peer's run; first, how far its steps are from ours with the same numbers. */
async function learnByPyTorch(
  gan: TableGan,
  table: TableDataset,
  { name, ends, ...run }: Pick<TablePeer, 'batchSize' | 'seed'> & { name: string; ends: number[] },
): ReturnType<typeof trainTableByPyTorch> {
  const peer = { ...run, threads, folder: join(out, `${name}-${run.seed}`) };
  const twin = createCtgan({ table, seed: run.seed });
  const { losses, weights } = await comparePeer(twin, table, peer, 5);
  twin.dispose();
  console.log(
    `5 steps with the same numbers: losses differ by at most ${losses.toExponential(1)} of their size, ` +
      `weights of the generator by ${weights.toExponential(1)} of their way`,
  );
  return trainTableByPyTorch(gan, table, peer, ends);
}

/** Settings of CTGAN that differ from the preset's. */
function optimization(): Pick<CreateCtganOptions, 'optimizers' | 'ema'> {
  const { rate, ema } = options;
  const optimizer = adam({ learningRate: rate || 2e-4, beta1: 0.5, beta2: 0.9 });
  return {
    ...(rate > 0 && { optimizers: { generator: optimizer, discriminator: optimizer } }),
    ...(ema > 0 && { ema: { decay: ema } }),
  };
}

async function readTable(file: string): Promise<TableRow[]> {
  const path = new URL(`../node_modules/vega-datasets/data/${file}`, import.meta.url);
  const text = await readFile(path, 'utf8');
  return tableDataset(file.endsWith('.json') ? (JSON.parse(text) as TableRow[]) : text).rows();
}

/** The control of conditions: each row has the condition of another one of its batch. */
function withShuffledConditions(table: TableDataset): Dataset {
  const { name, size, sampleShape, tensors } = table;
  return {
    name,
    size,
    sampleShape,
    tensors,
    async *batches(pass) {
      let batch = pass.firstBatch ?? 0;
      for await (const { condition, ...rest } of table.batches(pass)) {
        const seed = (pass.seed ?? 0) + batch;
        batch += 1;
        const order = new Random(seed % 2 ** 32).permutation(condition!.shape[0]);
        const shuffled = tf.tidy(() => tf.gather(condition!, tf.tensor1d([...order], 'int32')));
        condition!.dispose();
        yield { ...rest, condition: shuffled };
      }
    },
  };
}

/** Each column in an order of its own. */
function shuffledColumns(rows: readonly TableRow[]): TableRow[] {
  const names = Object.keys(rows[0]!);
  const orders = names.map((_, i) => new Random(100 + i).permutation(rows.length));
  return rows.map((_, row) =>
    Object.fromEntries(names.map((name, i) => [name, rows[orders[i]![row]!]![name]!])),
  );
}

function lineOf(
  rows: string,
  table: TableDataset,
  made: readonly TableRow[],
  heldOut: readonly TableRow[],
  { target }: Contest,
): Line {
  const report = tableReport(table, made, { heldOut, target });
  const { shapes, trends, detection, usefulness, privacy } = report;
  const others = shapes.columns.map(({ shape, otherRows }) => otherRows ?? shape);
  return {
    rows,
    shapes: rounded(shapes.mean),
    // Columns that are mostly one value by their other rows.
    'shapes, other rows': rounded(others.reduce((sum, one) => sum + one, 0) / others.length),
    trends: rounded(trends.mean),
    independent: rounded(trends.independent),
    pairs: trends.related,
    detection: rounded(detection.score),
    'tree of these': rounded(usefulness!.synthetic),
    'tree of real': rounded(usefulness!.real),
    majority: rounded(usefulness!.majority),
    copies: rounded(privacy.copies),
    'copies held out': rounded(privacy.heldOut!.copies),
    closer: rounded(privacy.heldOut!.closerToTraining),
    membership: rounded(privacy.heldOut!.membershipAuc),
  };
}

function keeps(constraint: TableConstraint, row: TableRow): boolean {
  if ('total' in constraint) {
    const parts = constraint.of.map((name) => Number(row[name]));
    return Number(row[constraint.total]) === parts.reduce((sum, part) => sum + part, 0);
  }
  if (!('order' in constraint)) return true;
  const numbers = constraint.order.map((name) => Number(row[name]));
  return numbers.every((value, i) => i === 0 || numbers[i - 1]! <= value);
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
