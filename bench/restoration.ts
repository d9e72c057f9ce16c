/**
 * Image restoration on Fashion-MNIST: clothes enlarged from 14×14 to 28×28 by SRGAN, and holes of 14×14 filled by inpainting.
 *
 *     npm run bench -- restoration                                both tasks, seed 1
 *     npm run bench -- restoration --tasks enlarge --seeds 1,2,3 --steps 3000
 *     npm run bench -- restoration --tasks fill --contestants 'inpainting by L1' --steps 3000
 *
 * Needs Debian's `dataset-fashion-mnist`, or `--folder` with its files. Small images are means of 2×2 pixels.
 *
 * Enlarge. Floors: pixels repeated, and bicubic as Pillow has it. Control: the same network after as many steps of L1 alone. The first
 * phase is measured as well, a third of the steps. `ssim` is of the pixels that have a whole window, as in scikit-image;
 * `ssimEverywhere` is of all pixels, as SciPy's filters see them.
 * Fill. The hole is in the center. Floors: the mean of the training pictures, and the harmonic filling, each pixel of which is the mean of
 * its neighbors. Control: the same network by L1 alone. Ceiling: the true pictures.
 *
 * Fréchet distances are of 64 features of a classifier with 5×5 kernels; the feature term uses another one, with 3×3 kernels. A ceiling is
 * the distance of as many training pictures. Agreement: share of pictures whose class by that classifier is that of the true picture.
 * A contestant and seed that is finished is a line of `figures.jsonl`, not trained again.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { adam, type Dataset, linearDecay, paired, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { createInpaintingGan, createSrgan, drawHoles, FillHole } from 'tfjs-gan/image-to-image';
import { featureExtractor, frechetDistance, psnr, ssim } from 'tfjs-gan/metrics';
import { progress, saveImageGrid } from 'tfjs-gan/node';
import {
  asDataset,
  clothesSide,
  loadClothes,
  trainClassifier,
} from '../examples/shared/clothes.ts';
import { resample } from '../src/io/resample.ts';
import { choose } from './shared/choose.ts';
import { readJsonLines } from './shared/json-lines.ts';
import { readOptions } from './shared/options.ts';

const { out, threads, ...options } = readOptions({
  tasks: 'enlarge,fill',
  contestants: 'all',
  seeds: '1',
  steps: 3000,
  images: 20_000,
  judged: 1000,
  rate: 1e-3,
  'discriminator-rate': 2e-4,
  // Weights of the presets, if negative.
  adversarial: -1,
  feature: -1,
  content: -1,
  l1: -1,
  'classifier-steps': 600,
  threads: 2,
  folder: '/usr/share/datasets/fashion-mnist',
  out: 'runs/restoration',
});
const file = join(out, 'figures.jsonl');
const imageShape = [clothesSide, clothesSide, 1] as const;
const shown = 20;

/** A line of the file. */
interface Row {
  readonly contestant: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly seconds?: number;
  readonly figures: Readonly<Record<string, number>>;
}

await mkdir(out, { recursive: true });
await useBackend(wasmTrain({ threads }));
const training = await loadClothes('train', options.images, options.folder);
const test = await loadClothes('test', options.judged, options.folder);
if (training.name !== 'clothes') {
  throw new Error('Cannot measure: install dataset-fashion-mnist, or pass its folder by --folder');
}
const classifierSteps = options['classifier-steps'];
const judgeNet = await trainClassifier(training, {
  steps: classifierSteps,
  kernelSize: 5,
  seed: 2,
});
const extractor = featureExtractor(judgeNet, { name: '5×5', layer: 'features', logits: 'logits' });
const real = extractor.extract(test.images);
const others = tf.slice(training.images, 0, options.judged);
const ceiling = await frechetDistance(real.features, extractor.extract(others).features);
for (const [, task] of choose('tasks', options.tasks, { enlarge, fill })) await task();

async function enlarge(): Promise<void> {
  const source = tf.avgPool(test.images, 2, 2, 'valid');
  const judge = async (made: tf.Tensor4D): Promise<Row['figures']> => {
    const clipped = tf.clipByValue(made, -1, 1);
    return {
      psnr: await psnr(clipped, test.images),
      ssim: await ssim(clipped, test.images),
      ssimEverywhere: await ssim(mirrored(clipped), mirrored(test.images)),
      frechet: await frechetTo(clipped),
      sharpness: (await laplacianOf(clipped)) / (await laplacianOf(test.images)),
    };
  };
  const size: [number, number] = [clothesSide, clothesSide];
  const repeated = tf.image.resizeNearestNeighbor(source, size);
  await report({ contestant: 'floor: repeated', figures: await judge(repeated) });
  const cubic = await bicubic(source);
  await report({ contestant: 'floor: bicubic', figures: await judge(cubic) });
  await report({ contestant: 'ceiling: training images', figures: { frechet: ceiling } });

  const small = tf.avgPool(training.images, 2, 2, 'valid');
  const data = paired({
    source: await asDataset('small', small),
    samples: await asDataset('clothes', training.images),
  });
  const model = await trainClassifier(training, { steps: classifierSteps, kernelSize: 3, seed: 1 });
  await each(['SRGAN', 'SRGAN by L1'], async (contestant, seed) => {
    const { steps } = options;
    const contentSteps = contestant === 'SRGAN' ? Math.floor(steps / 3) : steps;
    const gan = createSrgan({
      imageShape,
      contentSteps,
      seed,
      features: { model, layer: 'maps' },
      adversarialWeight: weight(options.adversarial),
      featureWeight: weight(options.feature),
      contentWeight: weight(options.content),
      ...optimization(),
    });
    const run = { batchSize: 16, callbacks: [progress()] };
    let seconds = await timed(() =>
      gan.trainer.fit(data, { until: { steps: contentSteps }, ...run }),
    );
    const byPixels = gan.generator.translate(source);
    const first = contestant === 'SRGAN' ? 'SRGAN, phase 1' : contestant;
    await report({
      contestant: first,
      seed,
      steps: contentSteps,
      seconds,
      figures: await judge(byPixels),
    });
    if (contestant === 'SRGAN') {
      seconds += await timed(() => gan.trainer.fit(data, { until: { steps }, ...run }));
      const made = gan.generator.translate(source);
      await report({ contestant, seed, steps, seconds, figures: await judge(made) });
      const rows = [repeated, cubic, byPixels, made, test.images];
      await draw(`enlarged-${seed}.png`, rows);
    }
    gan.dispose();
  });
}

async function fill(): Promise<void> {
  const hole = drawHoles(options.judged, { imageShape, box: [14, 14], place: 'center' });
  const put = (filling: tf.Tensor4D): tf.Tensor4D =>
    new FillHole().apply([test.images, hole, filling]) as tf.Tensor4D;
  const inside = (images: tf.Tensor4D): tf.Tensor4D =>
    tf.slice(images, [0, 7, 7, 0], [-1, 14, 14, 1]);
  const classes = tf.argMax(real.logits!, 1);
  const judge = async (made: tf.Tensor4D): Promise<Row['figures']> => {
    const { logits } = extractor.extract(made);
    const agreement = tf.mean(tf.cast(tf.equal(tf.argMax(logits!, 1), classes), 'float32'));
    return {
      psnr: await psnr(inside(made), inside(test.images)),
      agreement: (await agreement.data())[0]!,
      frechet: await frechetTo(made),
    };
  };
  const mean = tf.mean<tf.Tensor4D>(training.images, 0, true);
  const byMean = put(tf.tile(mean, [options.judged, 1, 1, 1]));
  await report({ contestant: 'floor: mean image', figures: await judge(byMean) });
  const smooth = harmonic(hole);
  await report({ contestant: 'floor: harmonic', figures: await judge(smooth) });
  await report({ contestant: 'ceiling: training images', figures: { frechet: ceiling } });

  const data: Dataset = await asDataset('clothes', training.images);
  const made = new Map<string, tf.Tensor4D>();
  await each(['inpainting', 'inpainting by L1'], async (contestant, seed) => {
    const { steps } = options;
    const gan = createInpaintingGan({
      imageShape,
      seed,
      hole: { box: [14, 14] },
      adversarialWeight: contestant === 'inpainting by L1' ? 0 : weight(options.adversarial),
      l1Weight: weight(options.l1),
      ...optimization(),
    });
    const run = { steps, batchSize: 32, callbacks: [progress()] };
    const seconds = await timed(() => gan.trainer.fit(data, run));
    const filled = gan.inpainter.fill(test.images, hole);
    await report({
      contestant,
      seed,
      steps,
      seconds,
      figures: await judge(filled),
    });
    if (seed === Number(options.seeds.split(',')[0])) made.set(contestant, filled);
    gan.dispose();
  });
  const gray = new FillHole().apply([test.images, hole]) as tf.Tensor4D;
  await draw('filled.png', [gray, smooth, ...made.values(), test.images]);
}

/** Settings that both tasks have. */
function optimization(): object {
  const { steps } = options;
  const decay = (from: number): ReturnType<typeof linearDecay> =>
    linearDecay({ from, to: from / 10, end: steps });
  return {
    optimizers: {
      generator: adam({ learningRate: decay(options.rate) }),
      discriminator: adam({ learningRate: options['discriminator-rate'] }),
    },
    ema: { decay: 0.99 },
  };
}

/** A weight of the command line; that of the preset, if it is negative. */
function weight(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

/** Trains each requested contestant with each seed, but those that are done. */
async function each(
  contestants: readonly string[],
  train: (contestant: string, seed: number) => Promise<void>,
): Promise<void> {
  const done = (await readJsonLines(file)) as Row[];
  for (const contestant of contestants) {
    const isAsked = options.contestants.split(',').includes(contestant);
    if (options.contestants !== 'all' && !isAsked) continue;
    for (const seed of options.seeds.split(',').map(Number)) {
      const isDone = (row: Row): boolean =>
        row.contestant === contestant && row.seed === seed && row.steps === options.steps;
      if (!done.some(isDone)) await train(contestant, seed);
    }
  }
}

async function report(row: Row): Promise<void> {
  const rounded = Object.entries(row.figures).map(
    ([name, value]) => [name, Number(value.toPrecision(4))] as const,
  );
  const line = JSON.stringify({ ...row, figures: Object.fromEntries(rounded) });
  console.log(line);
  // Floors are computed anew each time.
  if (row.steps !== undefined) await appendFile(file, `${line}\n`);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await run();
  return Math.round((performance.now() - begin) / 1000);
}

async function frechetTo(images: tf.Tensor4D): Promise<number> {
  const { features } = extractor.extract(images);
  return frechetDistance(real.features, features);
}

/** Mean absolute value of the Laplacian: how sharp images are. */
async function laplacianOf(images: tf.Tensor4D): Promise<number> {
  const kernel = tf.tensor4d([0, 1, 0, 1, -4, 1, 0, 1, 0], [3, 3, 1, 1]);
  const [value = NaN] = await tf.mean(tf.abs(tf.conv2d(images, kernel, 1, 'valid'))).data();
  return value;
}

/** With a border that lets the window of SSIM be centered on every pixel. */
function mirrored(images: tf.Tensor4D): tf.Tensor4D {
  return tf.mirrorPad(
    images,
    [
      [0, 0],
      [5, 5],
      [5, 5],
      [0, 0],
    ],
    'symmetric',
  );
}

/** Twice as large, in bytes, with the numbers of Pillow's `resize(…, Image.BICUBIC)`. */
async function bicubic(images: tf.Tensor4D): Promise<tf.Tensor4D> {
  const [batch, height, width] = images.shape;
  const bytes = Uint8Array.from(await images.data(), (value) => Math.round((value + 1) * 127.5));
  const size = height * width;
  const box = { left: 0, top: 0, width, height };
  const large = Array.from({ length: batch }, (_, i) => {
    const data = bytes.subarray(i * size, (i + 1) * size);
    const target = { width: 2 * width, height: 2 * height };
    return resample({ width, height, channels: 1, data }, target, { box, filter: 'bicubic' }).data;
  });
  const pixels = Float32Array.from(
    large.flatMap((data) => [...data]),
    (value) => value / 127.5 - 1,
  );
  return tf.tensor4d(pixels, [batch, 2 * height, 2 * width, 1]);
}

/** The filling each pixel of which is the mean of its four neighbors, by relaxation from gray. */
function harmonic(hole: tf.Tensor4D): tf.Tensor4D {
  const kernel = tf.tensor4d([0, 1, 0, 1, 0, 1, 0, 1, 0], [3, 3, 1, 1]);
  const layer = new FillHole();
  let filled = layer.apply([test.images, hole]) as tf.Tensor4D;
  for (let i = 0; i < 400; i += 1) {
    const before = filled;
    filled = tf.tidy(() => {
      const means = tf.div(tf.conv2d(before, kernel, 1, 'same'), 4);
      return layer.apply([test.images, hole, means]) as tf.Tensor4D;
    });
    before.dispose();
  }
  return filled;
}

/** The first images, a row for each tensor. */
async function draw(name: string, rows: readonly tf.Tensor4D[]): Promise<void> {
  const sheet = tf.concat(rows.map((row) => tf.slice(row, 0, shown)));
  await saveImageGrid(join(out, name), sheet, { columns: shown, scale: 2 });
}
