/**
 * Latent tools on a trained conditional generator of MNIST: projection, truncation, directions.
 *
 *     npm run bench -- conditional --recipes projection --seeds 2     trains the generator
 *     npm run bench -- latent --generator runs/conditional/generators/projection-2
 *     npm run bench -- latent --parts directions,truncation --threads 1
 *
 * `projection`: mean absolute difference of pixels (−1…1) between images and what `invert` finds. Floor: the nearest of 1,000 samples of
 * the class. Control: digits with black and white exchanged, which no digit resembles.
 * `truncation`: precision and recall of 1,000 samples against 1,000 test images. Floor: the untrained generator. Ceiling: training images.
 * `directions`: how much `mnistFeatures` change along the first three directions, as a multiple of random ones of equal length. Control:
 * the same with the untrained generator, and with the last three directions.
 *
 * Writes a JSON file for each part, and pictures, to `--out`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { createDcgan, Generator, Random, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { directions, encodeApng, invert, slerpWalk, truncate } from 'tfjs-gan/latent';
import { precisionRecall } from 'tfjs-gan/metrics';
import { loadMnist, saveImageGrid } from 'tfjs-gan/node';
import { readOptions } from './shared/options.ts';

const { out, threads, ...options } = readOptions({
  generator: 'runs/conditional/generators/projection-2',
  parts: 'directions,truncation,projection,pictures',
  images: 20,
  steps: 300,
  restarts: 4,
  threads: 2,
  out: 'runs/latent',
});
type Labeled = Generator<{ latents: number; labels: { classes: 10 } }>;

console.log(await useBackend(wasmTrain({ threads })));
await mkdir(out, { recursive: true });
const trained: Labeled = await Generator.load(`file://${options.generator}`);
const untrained = createDcgan({ imageShape: [28, 28, 1], classes: 10, seed: 2 }).generator;
const extractor = mnistFeatures();
const mnist = await loadMnist({ split: 'test' });

const parts: Readonly<Record<string, () => Promise<object>>> = {
  directions: directionFigures,
  truncation: truncationFigures,
  projection: projectionFigures,
  pictures: async () => {
    await drawPictures();
    return {};
  },
};
for (const part of options.parts.split(',')) {
  const began = process.cpuUsage();
  const figures = await parts[part]!();
  const { user, system } = process.cpuUsage(began);
  const line = { part, cpuSeconds: (user + system) / 1e6, ...figures };
  console.log(JSON.stringify(line, null, 1));
  await writeFile(join(out, `${part}.json`), JSON.stringify(line, null, 1));
}

/** The class of each of many samples, in turn. */
function inTurn(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i % 10);
}

/** Test images and their classes. */
async function testDigits(count: number): Promise<{ images: tf.Tensor; labels: number[] }> {
  for await (const { samples, labels } of mnist.batches({ batchSize: count, seed: 1 })) {
    return { images: samples, labels: [...(await labels!.data())] };
  }
  throw new Error('MNIST has no images');
}

async function projectionFigures(): Promise<object> {
  const { images: count, steps, restarts } = options;
  const search = { steps, restarts, seed: 5 };
  const own = trained.sample(count, { labels: inTurn(count), seed: 11 });
  const digits = await testDigits(count);
  const negatives = tf.neg(digits.images);
  const sets = {
    'own samples': { images: own, labels: inTurn(count) },
    'test digits': digits,
    'exchanged black and white': { images: negatives, labels: digits.labels },
  };
  const figures: Record<string, object> = {};
  for (const [name, { images, labels }] of Object.entries(sets)) {
    const nearest = await nearestOfSamples(images, labels, 1000);
    const found = await invert(trained, images, { ...search, labels });
    const { distances } = found;
    figures[name] = {
      nearest: mean(nearest),
      inverted: mean(distances),
      within: distances.filter((distance) => distance <= 0.03).length / count,
      half: distances.filter((distance, i) => distance <= 0.5 * nearest[i]!).length / count,
      all: Array.from(distances, (distance) => Number(distance.toFixed(4))),
    };
    console.log(name, JSON.stringify(figures[name]));
    const rows = tf.concat([images, found.samples], 0);
    await saveImageGrid(join(out, `${name.replaceAll(' ', '-')}.png`), rows, {
      columns: count,
      scale: 2,
      background: 255,
    });
  }
  const unknown = await invert(trained, own, search);
  const labels = [...(await unknown.inputs['labels']!.data())];
  figures['own samples, class not told'] = {
    inverted: mean(unknown.distances),
    within: unknown.distances.filter((distance) => distance <= 0.03).length / count,
    classFound: labels.filter((label, i) => label === i % 10).length / count,
  };
  return figures;
}

/** Smallest mean absolute difference between each image and samples of its class. */
async function nearestOfSamples(
  images: tf.Tensor,
  labels: readonly number[],
  samples: number,
): Promise<number[]> {
  const nearest: number[] = [];
  for (const [i, label] of labels.entries()) {
    const least = tf.tidy(() => {
      const made = trained.sample(samples, { labels: label, seed: 100 + label });
      return tf.min(tf.mean(tf.abs(tf.sub(made, tf.slice(images, i, 1))), [1, 2, 3]));
    });
    nearest.push((await least.data())[0]!);
    least.dispose();
  }
  return nearest;
}

async function truncationFigures(): Promise<object> {
  const count = 1000;
  const { images } = await testDigits(count);
  const real = extractor.extract(images).features;
  const judged = async (samples: tf.Tensor): Promise<object> => {
    const { precision, recall, density, coverage } = await precisionRecall(
      real,
      extractor.extract(samples).features,
    );
    const figures = { precision, recall, density, coverage };
    console.log(figures);
    return figures;
  };
  const made = async (generator: Labeled, latents: tf.Tensor): Promise<object> =>
    judged(generator.generate({ latents, labels: inTurn(count) }));
  const figures: Record<string, object> = {
    floor: await made(untrained, untrained.latents(count, { seed: 3 })),
  };
  for (const psi of [1, 0.9, 0.8, 0.7, 0.6, 0.5]) {
    figures[`psi ${psi}`] = await made(trained, truncate(trained, count, { psi, seed: 3 }));
  }
  for (const threshold of [2, 1.5, 1, 0.75, 0.5]) {
    const latents = truncate(trained, count, { threshold, seed: 3 });
    figures[`threshold ${threshold}`] = await made(trained, latents);
  }
  const train = await loadMnist({ split: 'train' });
  for await (const { samples } of train.batches({ batchSize: count, seed: 2 })) {
    figures['ceiling'] = await judged(samples);
    break;
  }
  return figures;
}

async function directionFigures(): Promise<object> {
  const figures: Record<string, object> = {};
  for (const [name, generator] of Object.entries({ trained, untrained })) {
    const size = generator.latentSize;
    const random = new Random(17);
    const vectors = Array.from({ length: 20 }, () => {
      const vector = random.normalArray(size);
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    });
    const changes = await Promise.all(vectors.map(async (vector) => change(generator, vector)));
    const floor = mean(changes);
    const spread = Math.sqrt(mean(changes.map((value) => (value - floor) ** 2)));
    const ratios: Record<string, number[]> = {};
    for (const method of ['sefa', 'ganspace'] as const) {
      const all = await directions(generator, {
        method,
        count: size,
        features: extractor,
        draws: 8,
      });
      const byShare = all.toSorted((a, b) => b.share - a.share);
      // As a user has it: the first eight, sorted by their effect.
      const asked = await directions(generator, { method, features: extractor });
      const sets = { first: asked.slice(0, 3), last: byShare.slice(-3) };
      for (const [which, some] of Object.entries(sets)) {
        ratios[`${method}, ${which} three`] = await Promise.all(
          some.map(async ({ vector }) => (await change(generator, vector)) / floor),
        );
      }
    }
    figures[name] = { random: floor, spread, ratios };
    console.log(name, JSON.stringify(figures[name]));
  }
  return figures;
}

/** Mean distance of features between 100 latents moved forward and back, of all classes. */
async function change(generator: Labeled, vector: Float32Array): Promise<number> {
  const apart = tf.tidy(() => {
    const latents = generator.latents(100, { seed: 23 });
    const [ahead, back] = [2, -2].map((reach) => {
      const moved = tf.add(latents, tf.mul(vector, reach));
      return extractor.extract(generator.generate({ latents: moved, labels: inTurn(100) }))
        .features;
    });
    return tf.mean(tf.norm(tf.sub(ahead!, back!), 'euclidean', 1));
  });
  const [value] = await apart.data();
  apart.dispose();
  return value!;
}

async function drawPictures(): Promise<void> {
  const look = { scale: 2, background: 255 } as const;
  const found = await directions(trained, { features: extractor, count: 8, labels: 3 });
  const latents = trained.latents(1, { seed: 4 });
  const strips = found.slice(0, 4).map(({ vector }) => {
    const steps = tf.mul(
      tf.reshape(tf.linspace(-5, 5, 11), [11, 1]),
      tf.tensor2d(vector, [1, 100]),
    );
    return trained.generate({ latents: tf.add(latents, steps), labels: 3 });
  });
  await saveImageGrid(join(out, 'directions.png'), tf.concat(strips, 0), { ...look, columns: 11 });

  const psis = [1, 0.7, 0.5].map((psi) =>
    trained.generate({ latents: truncate(trained, 20, { psi, seed: 6 }), labels: inTurn(20) }),
  );
  await saveImageGrid(join(out, 'truncation.png'), tf.concat(psis, 0), { ...look, columns: 20 });

  const walks = Array.from({ length: 10 }, (_, label) =>
    slerpWalk(trained, { stops: 3, steps: 12, seed: label, labels: label }),
  );
  await writeFile(join(out, 'walk.png'), await encodeApng(tf.concat(walks, 2), { scale: 2 }));
}

function mean(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((sum, number) => sum + number, 0) / numbers.length;
}
