/**
 * What the metrics say of real digits against real digits: the floor below which no generator of MNIST can be told from
 * the data.
 *
 *     npm run bench -- mnist-floor
 *
 * Training images are drawn by a seed; the two sets of a line share no image.
 */
import * as tf from '@tensorflow/tfjs';
import { useBackend } from 'tfjs-gan';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import {
  classifierScore,
  frechetDistance,
  kernelDistance,
  precisionRecall,
} from 'tfjs-gan/metrics';
import { loadMnist } from 'tfjs-gan/node';

await useBackend('wasm-train');
const extractor = mnistFeatures();

/** Features and logits of the first images of a split, in the order of a seed. */
async function extract(
  split: 'train' | 'test',
  count: number,
): Promise<[tf.Tensor2D, tf.Tensor2D]> {
  const parts: [tf.Tensor2D, tf.Tensor2D][] = [];
  const dataset = await loadMnist({ split });
  for await (const { samples, labels } of dataset.batches({ batchSize: 500, seed: 1 })) {
    const { features, logits } = extractor.extract(samples);
    parts.push([features, logits!]);
    tf.dispose([samples, labels!]);
    if (500 * parts.length === count) break;
  }
  return [
    tf.concat(parts.map(([features]) => features)),
    tf.concat(parts.map(([, logits]) => logits)),
  ];
}

const [train] = await extract('train', 20_000);
const [test, testLogits] = await extract('test', 10_000);
const rows = (set: tf.Tensor2D, from: number, count: number): tf.Tensor2D => set.slice(from, count);

const pairs: readonly (readonly [string, tf.Tensor2D, tf.Tensor2D])[] = [
  ['10,000 test, 10,000 training images', test, rows(train, 0, 10_000)],
  [
    '10,000 training, 10,000 other training images',
    rows(train, 0, 10_000),
    rows(train, 10_000, 10_000),
  ],
  ['5,000 test, the other 5,000', rows(test, 0, 5_000), rows(test, 5_000, 5_000)],
  ['2,500 test, 2,500 training images', rows(test, 0, 2_500), rows(train, 0, 2_500)],
  ['1,000 test, 1,000 training images', rows(test, 0, 1_000), rows(train, 0, 1_000)],
];
for (const [name, real, fake] of pairs) {
  const { precision, recall, density, coverage } = await precisionRecall(real, fake);
  const kernel = await kernelDistance(real, fake);
  const figures = [
    `Fréchet ${(await frechetDistance(real, fake)).toFixed(3)}`,
    `kernel ${kernel.mean.toExponential(1)} ± ${kernel.deviation.toExponential(1)}`,
    `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
    `density ${density.toFixed(3)}, coverage ${coverage.toFixed(3)}`,
  ];
  console.log(`${name}: ${figures.join(', ')}`);
}
const { mean, deviation } = await classifierScore(testLogits);
console.log(
  `classifier score of the 10,000 test images: ${mean.toFixed(2)} ± ${deviation.toFixed(2)}`,
);
