/**
 * Speed of a finished generator (the article's, 64 filters) on `wasm-train`: images a second at batch 1, 16 and 256, and how long
 * one image takes, median and 95th percentile.
 *
 *     npm run bench:generation
 *     npm run bench:generation -- --json
 *     npm run bench:generation -- --threads 1
 */
import { parseArgs } from 'node:util';
import { dcganGenerator, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, threads: { type: 'string' } },
});
const threads = values.threads === undefined ? undefined : Number(values.threads);
const { detail } = await useBackend(wasmTrain({ threads }));
const generator = dcganGenerator({ imageShape: [28, 28, 1], baseFilters: 64 });

async function secondsOf(batch: number): Promise<number> {
  const start = performance.now();
  const images = generator.sample(batch, { seed: 1 });
  await images.data();
  images.dispose();
  return (performance.now() - start) / 1000;
}

async function quantiles(batch: number, runs: number): Promise<{ p50: number; p95: number }> {
  for (let i = 0; i < 3; i++) await secondsOf(batch);
  const seconds: number[] = [];
  for (let i = 0; i < runs; i++) seconds.push(await secondsOf(batch));
  seconds.sort((a, b) => a - b);
  const at = (share: number): number => seconds[Math.floor(share * (runs - 1))] ?? NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

const rows = [];
for (const [batch, runs] of [
  [1, 200],
  [16, 60],
  [256, 10],
] as const) {
  const { p50, p95 } = await quantiles(batch, runs);
  rows.push({
    batch,
    imagesPerSecond: Math.round(batch / p50),
    p50Ms: p50 * 1e3,
    p95Ms: p95 * 1e3,
  });
}
if (values.json) {
  console.log(JSON.stringify({ detail, rows }));
} else {
  console.log(`${detail}\n| batch | images / s | p50, ms | p95, ms |\n|---|---|---|---|`);
  for (const { batch, imagesPerSecond, p50Ms, p95Ms } of rows) {
    console.log(`| ${batch} | ${imagesPerSecond} | ${p50Ms.toFixed(2)} | ${p95Ms.toFixed(2)} |`);
  }
}
generator.dispose();
