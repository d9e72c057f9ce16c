/**
 * Seconds that the metrics take, on wasm-train, and the memory they need.
 *
 *     npm run bench -- metrics                         10,000 samples of each kind, 64 features
 *     npm run bench -- metrics --samples 50000         more samples
 *     npm run bench -- metrics --features 128 --rounds 5
 *
 * The figure is the median of the rounds. Memory is the most that the process ever held, less what it held before.
 */
import * as tf from '@tensorflow/tfjs';
import { useBackend } from 'tfjs-gan';
import {
  classifierScore,
  frechetDistance,
  kernelDistance,
  precisionRecall,
  slicedWasserstein,
  slicedWassersteinPyramid,
} from 'tfjs-gan/metrics';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';

const { samples, features, rounds } = readOptions({ samples: 10_000, features: 64, rounds: 3 });

console.log(await useBackend('wasm-train'));
const normal = (columns: number, seed: number): tf.Tensor2D =>
  tf.randomNormal<tf.Rank.R2>([samples, columns], 0, 1, 'float32', seed);
const [real, fake, logits] = [normal(features, 1), normal(features, 2), normal(10, 3)];
const [images, others] = [4, 5].map((seed) =>
  tf.randomNormal<tf.Rank.R4>([Math.min(samples, 1000), 28, 28, 1], 0, 1, 'float32', seed),
) as [tf.Tensor4D, tf.Tensor4D];
const before = process.resourceUsage().maxRSS;

const metrics: Readonly<Record<string, () => Promise<unknown>>> = {
  frechetDistance: () => frechetDistance(real, fake),
  'kernelDistance, 100 subsets of 1,000': () => kernelDistance(real, fake),
  'precisionRecall, 5 neighbors': () => precisionRecall(real, fake),
  'slicedWasserstein, 128 projections': () => slicedWasserstein(real, fake),
  [`slicedWassersteinPyramid, ${images.shape[0]} images of 28 × 28`]: () =>
    slicedWassersteinPyramid(images, others),
  'classifierScore, 10 splits': () => classifierScore(logits),
};

console.log(`${samples} samples of each kind, ${features} features`);
for (const [name, run] of Object.entries(metrics)) {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    await run();
    seconds.push((performance.now() - start) / 1000);
  }
  const megabytes = (process.resourceUsage().maxRSS - before) / 1024;
  console.log(
    `${name}: ${median(seconds).toFixed(2)} s, ${megabytes.toFixed(0)} MB more at most so far`,
  );
}
