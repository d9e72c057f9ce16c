/**
 * What the data pipeline costs a step: milliseconds to shuffle, gather and scale a batch of 28×28 images, median of 200.
 *
 *     npm run bench -- data
 */
import { datasetFromArray } from 'tfjs-gan';
import { median } from './shared/median.ts';

const images = 12_800;
const pixels = Uint8Array.from({ length: images * 784 }, (_, i) => (i * 31) % 256);
const bytes = datasetFromArray(pixels, { sampleShape: [28, 28, 1] });
const floats = datasetFromArray(
  Float32Array.from(pixels, (value) => value / 255),
  { sampleShape: [28, 28, 1], inputRange: [0, 1] },
);

for (const [kind, dataset] of Object.entries({ bytes, floats })) {
  for (const batchSize of [16, 64]) {
    const times: number[] = [];
    let start = performance.now();
    for await (const { samples } of dataset.batches({ batchSize, seed: 1 })) {
      times.push(performance.now() - start);
      samples.dispose();
      start = performance.now();
      if (times.length === 200) break;
    }
    console.log(JSON.stringify({ kind, batchSize, ms: Number(median(times).toFixed(3)) }));
  }
}
