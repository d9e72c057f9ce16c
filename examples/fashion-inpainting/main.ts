// What you learn: inpainting: holes in pictures of clothes are filled so that they fit.
// Run it: npm run example -- fashion-inpainting (--quick for a few seconds)
// How long it takes is not measured yet. Then runs/fashion-inpainting/clothes.png has rows of pictures with a hole, filled by
// the mean picture, filled by the network, and true ones, none of which training has seen; report.html shows how they change.
// The pictures are Fashion-MNIST's, from Debian's dataset-fashion-mnist or --folder; or else digits.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { adam, linearDecay, useBackend } from 'tfjs-gan';
import { createInpaintingGan, drawHoles, FillHole, Inpainter } from 'tfjs-gan/image-to-image';
import { psnr } from 'tfjs-gan/metrics';
import { progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { asDataset, clothesSide, loadClothes } from '../shared/clothes.ts';
import { count, text } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { showSheets } from '../shared/show-sheets.ts';

const flags = {
  steps: count(1000, 'training steps'),
  images: count(20_000, 'training pictures'),
  baseFilters: count(16, 'filters of the first layers'),
  strokes: count(2, 'most brush strokes in a hole of training'),
  folder: text(undefined, 'folder with the files of Fashion-MNIST'),
};
const quick = { steps: 2, images: 64, baseFilters: 2 };

await lesson('fashion-inpainting', flags, quick, async (settings) => {
  const { steps, baseFilters, seed, out } = settings;
  console.log(`backend ${String(await useBackend('auto'))}`);
  const training = await loadClothes('train', settings.images, settings.folder);
  console.log(`${training.images.shape[0]} ${training.name} in training`);
  const data = await asDataset(training.name, training.images);
  const mean = tf.mean<tf.Tensor4D>(training.images, 0, true);
  training.images.dispose();

  const rate = linearDecay({ from: 1e-3, to: 1e-4, end: steps });
  const imageShape = [clothesSide, clothesSide, 1] as const;
  const gan = createInpaintingGan({
    imageShape,
    baseFilters,
    discriminatorFilters: baseFilters,
    hole: { box: [14, 14], strokes: settings.strokes },
    optimizers: { generator: adam({ learningRate: rate }) },
    ema: { decay: 0.99 },
    seed,
  });
  const test = await loadClothes('test', 16, settings.folder);
  const hole = drawHoles(16, { imageShape, box: [14, 14], place: 'center' });
  const layer = new FillHole();
  const gray = layer.apply([test.images, hole]) as tf.Tensor4D;
  const means = tf.tile(mean, [16, 1, 1, 1]);
  const byMean = layer.apply([test.images, hole, means]) as tf.Tensor4D;
  const sheetOf = (filled: tf.Tensor4D): tf.Tensor4D =>
    tf.concat([gray, byMean, filled, test.images]);
  const sheets = showSheets(out, steps, 16, () =>
    tf.tidy(() => sheetOf(gan.inpainter.fill(test.images, hole))),
  );
  const callbacks = [progress(), sheets, runReport(out)];
  await gan.trainer.fit(data, { steps, batchSize: 32, callbacks });
  const place = pathToFileURL(join(out, 'inpainter')).href;
  await gan.inpainter.save(place);
  gan.dispose();

  // The inpainter that was saved is all that a program needs.
  const inpainter = await Inpainter.load(place);
  const filled = inpainter.fill(test.images, hole);
  for (const [name, images] of Object.entries({ 'mean picture': byMean, network: filled })) {
    // The known pixels would hide the error.
    const [made, real] = [images, test.images].map((x) =>
      tf.slice(x, [0, 7, 7, 0], [-1, 14, 14, 1]),
    );
    console.log(`PSNR in the hole ${(await psnr(made!, real!)).toFixed(1)}, filled by the ${name}`);
    tf.dispose([made!, real!]);
  }
  const sheet = sheetOf(filled);
  await saveImageGrid(join(out, 'clothes.png'), sheet, { columns: 16, scale: 2 });
  tf.dispose([mean, hole, filled, gray, means, byMean, sheet, test.images]);
  inpainter.dispose();
  console.log(`Look at ${join(out, 'clothes.png')}: holes, mean picture, network, true`);
});
