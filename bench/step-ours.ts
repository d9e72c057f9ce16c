/**
 * Seconds per training step of a DCGAN on square images: one discriminator update, one generator update, each with
 * fresh fakes, Adam, batch norm in the generator. Prints one JSON line.
 *
 *     npm run bench -- step-ours [baseFilters=64] [batch=64] [steps=10] [threads=cores] [simd=auto] [side=28]
 */
import * as tf from '@tensorflow/tfjs';
import { useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { articleTrainer } from './article-trainer.ts';

const [baseFilters = 64, batch = 64, steps = 10, threads] = process.argv.slice(2, 6).map(Number);
const simd = process.argv[6] as 'auto' | 'plain' | 'relaxed' | undefined;
const side = Number(process.argv[7] ?? 28);
const warmup = 2;

const report = await useBackend(wasmTrain({ threads, simd }));
const { trainer, dataset } = articleTrainer({ baseFilters, batch, side });
const { steps: made } = await trainer.fit(dataset, { batchSize: batch, steps: steps + warmup });
const seconds = made.slice(warmup).map((step) => step.seconds);
seconds.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    engine: report.name,
    detail: report.detail,
    baseFilters,
    batch,
    median_s: Number((seconds[Math.floor(seconds.length / 2)] ?? NaN).toFixed(4)),
    min_s: Number((seconds[0] ?? NaN).toFixed(4)),
    numTensors: tf.memory().numTensors,
    rss_mib: Math.round(process.memoryUsage().rss / 2 ** 20),
  }),
);
