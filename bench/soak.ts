/**
 * Speed and memory of a long run: a small DCGAN (8 filters, 28×28, batch 16), measured in tenths. Prints one JSON line for each.
 *
 *     tsx bench/soak.ts [steps=2000]
 */
import * as tf from '@tensorflow/tfjs';
import { createDcgan, datasetFromArray, useBackend } from 'tfjs-gan';

const [steps = 2000] = process.argv.slice(2).map(Number);
await useBackend('wasm-train');
const gan = createDcgan({ imageShape: [28, 28, 1], baseFilters: 8 });
const pixels = Uint8Array.from({ length: 512 * 784 }, (_, i) => (i * 31) % 256);
const dataset = datasetFromArray(pixels, { sampleShape: [28, 28, 1] });
const tenth = Math.max(1, Math.floor(steps / 10));
let seconds: number[] = [];
for await (const step of gan.trainer.steps(dataset, { batchSize: 16, steps })) {
  seconds.push(step.seconds);
  if (step.number % tenth !== 0) continue;
  seconds.sort((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)] ?? NaN;
  console.log(
    JSON.stringify({
      step: step.number,
      median_s: Number(median.toFixed(4)),
      numTensors: tf.memory().numTensors,
      numBytes: tf.memory().numBytes,
      rss_mib: Math.round(process.memoryUsage().rss / 2 ** 20),
    }),
  );
  seconds = [];
}
gan.dispose();
