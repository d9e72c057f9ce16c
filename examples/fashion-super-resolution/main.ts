// What you learn: super-resolution (SRGAN): clothes of 14×14 pixels become 28×28.
// Run it: npm run example -- fashion-super-resolution (--quick for a few seconds)
// It trains by pixels first, then with an adversary and the features of a classifier. How long it
// takes is not measured yet. Then runs/fashion-super-resolution/clothes.png has rows of small pictures, bilinear
// enlargements, those after each phase, and the true ones, none of which training has seen;
// report.html shows how they change.
// The pictures are Fashion-MNIST's, from Debian's dataset-fashion-mnist or --folder; or else digits.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { adam, linearDecay, paired, useBackend } from 'tfjs-gan';
import { createSrgan, Translator } from 'tfjs-gan/image-to-image';
import { psnr } from 'tfjs-gan/metrics';
import { progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { asDataset, clothesSide, loadClothes, trainClassifier } from '../shared/clothes.ts';
import { count, text } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { showSheets } from '../shared/show-sheets.ts';

const flags = {
  steps: count(3000, 'training steps, a third of them by pixels alone'),
  classifierSteps: count(300, 'training steps of the classifier'),
  images: count(10_000, 'training pictures'),
  baseFilters: count(32, 'filters of the networks'),
  folder: text(undefined, 'folder with the files of Fashion-MNIST'),
};
const quick = { steps: 3, classifierSteps: 1, images: 64, baseFilters: 2 };

await lesson('fashion-super-resolution', flags, quick, async (settings) => {
  const { steps, baseFilters, seed, out } = settings;
  console.log(`backend ${String(await useBackend('auto'))}`);
  const training = await loadClothes('train', settings.images, settings.folder);
  console.log(`${training.images.shape[0]} ${training.name} in training`);
  const classifier = await trainClassifier(training, {
    steps: settings.classifierSteps,
    kernelSize: 3,
    seed,
  });

  const small = tf.avgPool(training.images, 2, 2, 'valid');
  const data = paired({
    source: await asDataset('small', small),
    samples: await asDataset(training.name, training.images),
  });
  tf.dispose([small, training.images]);
  const contentSteps = Math.floor(steps / 3);
  const rate = linearDecay({ from: 1e-3, to: 1e-4, end: steps });
  const gan = createSrgan({
    imageShape: [clothesSide, clothesSide, 1],
    baseFilters,
    discriminatorFilters: baseFilters,
    contentSteps,
    features: { model: classifier, layer: 'maps' },
    optimizers: { generator: adam({ learningRate: rate }) },
    ema: { decay: 0.99 },
    seed,
  });
  const test = await loadClothes('test', 16, settings.folder);
  const source = tf.avgPool(test.images, 2, 2, 'valid');
  const size: [number, number] = [clothesSide, clothesSide];
  const repeated = tf.image.resizeNearestNeighbor(source, size);
  const straight = tf.image.resizeBilinear(source, size, false, true);
  const sheets = showSheets(out, steps, 16, () =>
    tf.tidy(() => tf.concat([repeated, straight, gan.generator.translate(source), test.images])),
  );
  const run = { batchSize: 16, callbacks: [progress(), sheets, runReport(out)] };
  await gan.trainer.fit(data, { until: { steps: contentSteps }, ...run });
  const byPixels = gan.generator.translate(source);
  await gan.trainer.fit(data, { until: { steps }, ...run });
  const place = pathToFileURL(join(out, 'translator')).href;
  await gan.generator.save(place);
  gan.dispose();
  classifier.dispose();

  // The translator that was saved is all that a program needs.
  const translator = await Translator.load(place);
  const both = translator.translate(source);
  const rows = { repeated, bilinear: straight, 'by pixels': byPixels, 'with adversary': both };
  for (const [name, images] of Object.entries(rows)) {
    console.log(`PSNR ${(await psnr(images, test.images)).toFixed(1)} ${name}`);
  }
  const sheet = tf.concat([...Object.values(rows), test.images]);
  await saveImageGrid(join(out, 'clothes.png'), sheet, { columns: 16, scale: 2 });
  tf.dispose([source, sheet, test.images, ...Object.values(rows)]);
  translator.dispose();
  console.log(`Look at ${join(out, 'clothes.png')}: small, bilinear, phase 1, phase 2, true`);
});
