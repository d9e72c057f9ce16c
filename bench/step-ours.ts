/**
 * Seconds per training step of a DCGAN on 28×28 images: one discriminator update, one generator update, each with
 * fresh fakes, Adam, batch norm in the generator. Prints one JSON line.
 *
 *     tsx bench/step-ours.ts [baseFilters=64] [batch=64] [steps=10] [threads=cores] [simd=auto]
 */
import * as tf from '@tensorflow/tfjs';
import {
  datasetFromArray,
  dcganDiscriminator,
  dcganGenerator,
  Trainer,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';

const [baseFilters = 64, batch = 64, steps = 10, threads] = process.argv.slice(2, 6).map(Number);
const simd = process.argv[6] as 'auto' | 'plain' | 'relaxed' | undefined;
const warmUp = 2;

const report = await useBackend(wasmTrain({ threads, simd }));
const imageShape = [28, 28, 1] as const;
const count = batch * (steps + warmUp);
const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => (i * 31) % 256);
const dataset = datasetFromArray(pixels, { sampleShape: imageShape });
// The peer's discriminator has no batch norm either.
const generator = dcganGenerator({ imageShape, baseFilters });
const discriminator = dcganDiscriminator({ imageShape, baseFilters, normalization: 'none' });
const trainer = new Trainer({ generator, discriminator });

const { steps: made } = await trainer.fit(dataset, { batchSize: batch, steps: steps + warmUp });
const seconds = made.slice(warmUp).map((step) => step.seconds);
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
