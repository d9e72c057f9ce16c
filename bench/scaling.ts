/**
 * How the cost of a training step grows, one factor at a time: batch, threads, image side, filters. The base is a DCGAN of
 * 32 filters on 28×28 images at batch 64 with all cores.
 *
 *     npm run bench -- scaling                 four tables
 *     npm run bench -- scaling --steps 9       more steps for each row (default 5)
 *     npm run bench -- scaling --chart a.svg   a picture as well
 *
 * Every row is a process of its own, so that memory is its own too.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { drawGrowth } from './shared/charts.ts';
import { lastJson } from './shared/last-json.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

const { steps, chart } = readOptions({ steps: 5, chart: '' });
const cores = availableParallelism();
const base = { filters: 32, batch: 64, threads: cores, side: 28 };
const factors: readonly (readonly [keyof typeof base, readonly number[]])[] = [
  ['batch', [1, 4, 16, 64, 256]],
  ['threads', Array.from({ length: cores }, (_, index) => index + 1)],
  ['side', [28, 32, 64, 128]],
  ['filters', [16, 32, 64, 128]],
];

const script = fileURLToPath(new URL('./step-ours.ts', import.meta.url));
const panels = factors.map(([factor, values]) => {
  const rows = values.map((value) => {
    const setting = { ...base, [factor]: value };
    const flags = Object.entries({ ...setting, steps }).map(([name, n]) => `--${name}=${n}`);
    const words = ['--import', 'tsx', script, ...flags];
    const step = lastJson(process.execPath, words) as { median_s: number; rss_mib: number };
    return { value, batch: setting.batch, seconds: step.median_s, rssMib: step.rss_mib };
  });
  const cells = rows.map(({ value, batch, seconds, rssMib }) => [
    ...[value, seconds, Math.round(batch / seconds), rssMib],
  ]);
  console.log(`${table([factor, 's / step', 'images / s', 'RSS, MiB'], cells)}\n`);
  return { factor, rows };
});
if (chart !== '') writeFileSync(chart, drawGrowth(panels, 'A training step as one thing grows'));
