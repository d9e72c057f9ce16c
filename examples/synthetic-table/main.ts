// What you learn: a table learned by CTGAN, rows with a requested value, and how good they are.
// Run it: npm run example -- synthetic-table (--quick for a few seconds)
// In about 2 minutes, runs/synthetic-table/ has penguins.csv, adelies.csv and report.json.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random, useBackend } from 'tfjs-gan';
import { progress } from 'tfjs-gan/node';
import { createCtgan, encodeCsv, tableDataset, tableReport } from 'tfjs-gan/tabular';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { drawPenguins } from './draw-penguins.ts';

const flags = { steps: count(1500, 'training steps'), rows: count(1000, 'rows to generate') };
const quick = { steps: 5, rows: 50 };

await lesson('synthetic-table', flags, quick, async ({ steps, rows, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  // Your own data: tableDataset(await readFile('customers.csv')).
  const training = drawPenguins(500, new Random(seed));
  // Rows that the generator never sees: the report compares with them.
  const heldOut = drawPenguins(500, new Random(seed + 1));
  const table = tableDataset(training, { name: 'penguins' });
  console.table(table.columns);

  const gan = createCtgan({ table, seed });
  await gan.trainer.fit(table, {
    steps,
    batchSize: 100,
    callbacks: [progress({ every: { steps: 100 } })],
  });

  const made = await gan.sample(rows, { seed: 1 });
  await writeFile(join(out, 'penguins.csv'), encodeCsv(made));
  console.table(made.slice(0, 5));

  // The species is given to the network; heavy ones are found by drawing again.
  const where = { species: 'Adelie', mass: { min: 4000 } };
  const adelies = await gan.generator.draw(50, { where, seed: 2 });
  await writeFile(join(out, 'adelies.csv'), encodeCsv(adelies.rows));
  console.log(`${adelies.drawn} rows drawn for 50; share that fits:`, adelies.shares);

  const report = tableReport(table, made, { heldOut, target: 'species' });
  // Real rows in place of generated ones: no generator does better, but by chance.
  const other = drawPenguins(rows, new Random(seed + 2));
  const ceiling = tableReport(table, other, { heldOut, target: 'species' });
  await writeFile(join(out, 'report.json'), JSON.stringify(report, undefined, 2));
  const figures = ({ shapes, trends, detection, usefulness, privacy }: typeof report) => ({
    shapes: shapes.mean,
    trends: trends.mean,
    'trends if independent': trends.independent,
    detection: detection.score,
    'tree of these rows': usefulness!.synthetic,
    'tree of real rows': usefulness!.real,
    copies: privacy.copies,
    'closer to training': privacy.heldOut!.closerToTraining,
  });
  console.table({ generated: figures(report), ceiling: figures(ceiling) });
  gan.dispose();
});
