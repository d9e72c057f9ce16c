/**
 * How the cost of a training step grows, one factor at a time: batch, threads, image side, filters. The base is a DCGAN of
 * 32 filters on 28×28 images at batch 64 with all cores.
 *
 *     npm run bench -- scaling                 four tables
 *     npm run bench -- scaling --json          one JSON object
 *     npm run bench -- scaling --steps 9       more steps for each row (default 5)
 *     npm run bench -- scaling --chart a.svg   a picture as well
 *
 * Every row is a process of its own, so that memory is its own too.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawGrowth } from './speed-charts.ts';

interface Row {
  readonly factor: string;
  readonly value: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly rssMib: number;
}

interface Answer {
  readonly median_s: number;
  readonly rss_mib: number;
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    steps: { type: 'string', default: '5' },
    chart: { type: 'string' },
  },
});

const cores = availableParallelism();
const base = { filters: 32, batch: 64, threads: cores, side: 28 };
const factors: readonly (readonly [keyof typeof base, readonly number[]])[] = [
  ['batch', [1, 4, 16, 64, 256]],
  ['threads', Array.from({ length: cores }, (_, index) => index + 1)],
  ['side', [28, 32, 64, 128]],
  ['filters', [16, 32, 64, 128]],
];

function measure(setting: typeof base, steps: string): Answer {
  const { filters, batch, threads, side } = setting;
  const script = fileURLToPath(new URL('./step-ours.ts', import.meta.url));
  const numbers = [filters, batch, steps, threads].map(String);
  const args = ['--import', 'tsx', script, ...numbers, 'auto', String(side)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The row ${JSON.stringify(setting)} failed: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer;
}

const rows: Row[] = [];
for (const [factor, settings] of factors) {
  if (!values.json)
    console.log(`| ${factor} | s / step | images / s | RSS, MiB |\n|---|---|---|---|`);
  for (const value of settings) {
    const setting = { ...base, [factor]: value };
    const { median_s: seconds, rss_mib: rssMib } = measure(setting, values.steps);
    const imagesPerSecond = Math.round(setting.batch / seconds);
    rows.push({ factor, value, seconds, imagesPerSecond, rssMib });
    if (!values.json) console.log(`| ${value} | ${seconds} | ${imagesPerSecond} | ${rssMib} |`);
  }
  if (!values.json) console.log('');
}
if (values.json) console.log(JSON.stringify({ base, rows }));
if (values.chart !== undefined) {
  const panels = factors.map(([factor]) => ({
    factor,
    rows: rows.filter((row) => row.factor === factor),
  }));
  writeFileSync(values.chart, drawGrowth(panels, 'A training step as one thing grows'));
}
