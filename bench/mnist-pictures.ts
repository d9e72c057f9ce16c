/**
 * The pictures of docs/results/mnist.md, from what `npm run bench -- mnist` left.
 *
 *     npm run bench -- mnist-pictures
 *     npm run bench -- mnist-pictures --generator file://runs/mnist/generator     whose digits to look up and to morph
 *     npm run bench -- mnist-pictures --in runs/mnist-bench --out docs/images/mnist
 *
 * - `frechet-over-time.svg`: Fréchet distance against seconds of training, every seed of both sides
 * - `precision-recall.svg`: where each judged generator stands
 * - `nearest.png`: 16 generated digits over the training digit nearest to each by the classifier's features
 * - `interpolation.png`: paths between two latents, a row each
 *
 * It also prints the check for memorization: 10,000 samples against 60,000 training and 10,000 test images.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Generator, useBackend } from 'tfjs-gan';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { memorization } from 'tfjs-gan/metrics';
import { loadMnist, saveImageGrid } from 'tfjs-gan/node';
import { fakeFeatures, realFeatures } from '../src/metrics/features/collect-features.ts';
import type { Row } from './mnist-table.ts';
import { drawPoints, type Series } from './shared/charts.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { readOptions } from './shared/options.ts';

const values = readOptions({ in: 'runs/mnist-bench', generator: '', out: 'docs/images/mnist' });
const source =
  values.generator || `file://${join(values.in, 'generators', 'article-1')}/model.json`;
const sides = { ours: ['tfjs-gan', '#0072b2'], pytorch: ['PyTorch', '#d55e00'] } as const;
const real = { name: 'real digits', color: '#009e73', line: false } as const;
/** Of 10,000 test against 10,000 training images: `npm run bench -- mnist-floor`. */
const floor = { frechet: 0.092, precision: 0.922, recall: 0.937 };

await mkdir(values.out, { recursive: true });
const lines = (await readJsonLines(join(values.in, 'figures.jsonl'))) as Row[];
const rows = lines.filter(({ recipe }) => recipe === 'article');
const longest = Math.max(...rows.map(({ cpuSeconds }) => cpuSeconds));
const worst = Math.max(...rows.map(({ figures }) => figures['frechet'] ?? 0));
await writeFile(
  join(values.out, 'frechet-over-time.svg'),
  drawPoints(
    [...seriesOf('cpuSeconds', 'frechet'), { ...real, points: [[longest, floor.frechet]] }],
    {
      title: 'The tutorial’s DCGAN on MNIST, 3 seeds: Fréchet distance',
      x: { label: 'seconds of training, one thread', from: 0, to: longest * 1.02 },
      y: { label: 'Fréchet distance, lower is better', from: 0, to: worst * 1.05 },
    },
  ),
);
await writeFile(
  join(values.out, 'precision-recall.svg'),
  drawPoints(
    [
      ...seriesOf('prdc.precision', 'prdc.recall'),
      { ...real, points: [[floor.precision, floor.recall]] },
    ],
    {
      title: 'Precision and recall during training, 3 seeds',
      x: { label: 'precision: how many samples look real', from: 0, to: 1 },
      y: { label: 'recall: how much of the real digits is reached', from: 0, to: 1 },
    },
  ),
);

await useBackend('wasm-train');
const generator = await Generator.load(source);
const strips = [
  [1, 2],
  [3, 4],
  [5, 6],
  [7, 8],
  [9, 10],
].map(([from, to]) => generator.interpolate(from!, to!, { steps: 12 }));
const paths = tf.concat(strips);
await saveImageGrid(join(values.out, 'interpolation.png'), paths, { columns: 12, scale: 2 });

const extractor = mnistFeatures();
const action = 'draw the pictures';
const train = await loadMnist({ split: 'train' });
const test = await loadMnist({ split: 'test' });
const sets = {
  training: await realFeatures(action, train, extractor, 60_000, 0),
  heldOut: await realFeatures(action, test, extractor, 10_000, 0),
  fake: await fakeFeatures(action, generator, extractor, 10_000, 0),
};
const answer = await memorization({
  training: sets.training.features,
  heldOut: sets.heldOut.features,
  fake: sets.fake.features,
});
console.log(
  `a sample lies nearer to the training images than a test image does with chance ${answer.probability.toFixed(3)} ` +
    `(z ${answer.zScore.toFixed(1)}; one half if samples are as new as test images)`,
);
const samples = tf.slice(generator.sample(10_000, { seed: 0 }), 0, 16);
const nearest = await Promise.all(answer.nearest.slice(0, 16).map((place) => imageAt(place)));
await saveImageGrid(join(values.out, 'nearest.png'), tf.concat([samples, ...nearest]), {
  columns: 16,
  scale: 2,
});

/** The training image at a place, `[1, 28, 28, 1]`. */
async function imageAt(place: number): Promise<tf.Tensor> {
  for await (const { samples: image } of train.batches({ batchSize: 1, firstBatch: place })) {
    return image;
  }
  throw new RangeError(`Cannot ${action}: MNIST must have an image ${place}`);
}

function seriesOf(x: 'cpuSeconds' | 'prdc.precision', y: string): Series[] {
  const runs = [...new Set(rows.map(({ side, seed }) => `${side} ${seed}`))];
  return runs.map((run): Series => {
    const own = rows.filter(({ side, seed }) => `${side} ${seed}` === run);
    const [name, color] = sides[own[0]!.side];
    const at = (row: Row): number => (x === 'cpuSeconds' ? row.cpuSeconds : row.figures[x]!);
    return { name, color, line: true, points: own.map((row) => [at(row), row.figures[y]!]) };
  });
}
