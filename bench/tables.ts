/**
 * CTGAN on real tables: half of the rows are learned, the other half is held out.
 *
 *     npm run bench -- tables                                  birdstrikes, weather and penguins, seed 1
 *     npm run bench -- tables --tables weather --seeds 1,2,3
 *     npm run bench -- tables --tables birdstrikes --steps 6000 --threads 2
 *
 * Beside the figures of generated rows stand those of three others: `floor`, columns drawn independently; `untrained`, the
 * network before its first step; `ceiling`, the held-out half in place of generated rows. Figures are printed three times as
 * training continues, so that a run that is cut short says something.
 */
import { readFile } from 'node:fs/promises';
import { Random, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import {
  createCtgan,
  type TableConstraint,
  tableDataset,
  type TableDataset,
  tableReport,
  type TableRow,
  type TableValue,
} from 'tfjs-gan/tabular';
import { readOptions } from './shared/options.ts';

const { threads, ...options } = readOptions({
  tables: 'penguins,weather,birdstrikes',
  seeds: '1',
  // As many as the table needs, if 0.
  steps: 0,
  threads: 2,
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
    steps: 2400,
    batchSize: 200,
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
for (const name of options.tables.split(',')) {
  const contest = contests[name];
  if (contest === undefined)
    throw new RangeError(`no table ${name}: ${Object.keys(contests).join(', ')}`);
  for (const seed of options.seeds.split(',').map(Number)) await play(name, contest, seed);
}

async function play(name: string, contest: Contest, seed: number): Promise<void> {
  const { batchSize, constraints, request } = contest;
  const steps = options.steps || contest.steps;
  const all = await readTable(contest.file);
  const order = [...new Random(1).permutation(all.length)].map((row) => all[row]!);
  const half = order.length >> 1;
  const [training, heldOut] = [order.slice(0, half), order.slice(half)];
  const table = tableDataset(training, { name, constraints });
  const gan = createCtgan({ table, seed });
  const real = training.filter((row) => row[request[0]] === request[1]);
  console.log(
    `\n${name}: ${all.length} rows, ${half} learned; ${table.sampleShape[0]} numbers a row; seed ${seed}; ` +
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
  const begin = performance.now();
  for (let part = 1; part <= 3; part += 1) {
    await gan.trainer.fit(table, { until: { steps: Math.round((steps * part) / 3) }, batchSize });
    const seconds = (performance.now() - begin) / 1000;
    const line = await ours(`step ${gan.trainer.step}`);
    console.table([line]);
    console.log(`${seconds.toFixed(0)} s in all, with the judging of parts before`);
  }
  const kept = (await gan.sample(1000, { seed: 4 })).every((row) =>
    constraints.every((one) => keeps(one, row)),
  );
  console.log(`constraints in 1000 rows: ${kept ? 'all kept' : 'broken'}`);
  gan.dispose();
}

async function readTable(file: string): Promise<TableRow[]> {
  const path = new URL(`../node_modules/vega-datasets/data/${file}`, import.meta.url);
  const text = await readFile(path, 'utf8');
  return tableDataset(file.endsWith('.json') ? (JSON.parse(text) as TableRow[]) : text).rows();
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
