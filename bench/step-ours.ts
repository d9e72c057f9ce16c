/**
 * Seconds per training step of a DCGAN on square images, ours alone; `step` starts it.
 *
 *     npm run bench -- step-ours
 *     npm run bench -- step-ours --filters 32 --batch 32 --steps 5 --threads 1 --simd relaxed --side 64
 *     npm run bench -- step-ours --backend cpu --batch 1 --steps 1 --warmup 0    TensorFlow.js's own, or wasm
 *
 * A step is one discriminator update and one generator update, each with new fake samples, Adam, batch norm in the generator.
 * Prints one JSON line. For `wasm`: `npm install --no-save @tensorflow/tfjs-backend-wasm@4.22.0`.
 */
import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import {
  datasetFromArray,
  dcganDiscriminator,
  dcganGenerator,
  Trainer,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';

const { filters, batch, steps, threads, simd, side, warmup, backend } = readOptions({
  filters: 64,
  batch: 64,
  steps: 10,
  threads: availableParallelism(),
  simd: 'auto',
  side: 28,
  warmup: 2,
  backend: 'wasm-train',
});
let detail: string | undefined;
if (backend === 'wasm-train') {
  const settings = { threads, simd: simd as 'auto' | 'plain' | 'relaxed' };
  ({ detail } = await useBackend(wasmTrain(settings)));
} else {
  if (backend === 'wasm') await import(`@tensorflow/tfjs-backend-${backend}`);
  await tf.setBackend(backend);
}
const imageShape = [side, side, 1] as const;
const pixels = Uint8Array.from({ length: batch * side ** 2 }, (_, i) => (i * 31) % 256);
const dataset = datasetFromArray(pixels, { sampleShape: imageShape });
const generator = dcganGenerator({ imageShape, baseFilters: filters });
const discriminator = dcganDiscriminator({
  imageShape,
  baseFilters: filters,
  // The peer's discriminator has no batch norm either.
  normalization: 'none',
});
const trainer = new Trainer({ generator, discriminator });
const { steps: made } = await trainer.fit(dataset, { batchSize: batch, steps: steps + warmup });
const seconds = made.slice(warmup).map((step) => step.seconds);
console.log(
  JSON.stringify({
    engine: backend,
    detail,
    filters,
    batch,
    median_s: Number(median(seconds).toFixed(4)),
    min_s: Number(Math.min(...seconds).toFixed(4)),
    numTensors: tf.memory().numTensors,
    rss_mib: Math.round(process.memoryUsage().rss / 2 ** 20),
  }),
);
