// What you learn: the original GAN, with dense layers only, on MNIST; to follow a run by callbacks.
// Run it: npm run example -- mlp-gan (--quick for a few seconds)
// In about 1½ minutes, runs/mlp-gan/ has digits (samples.png), the same latents over time
// (samples/) and curves of the losses.

import { join } from 'node:path';
import { createMlpGan, useBackend } from 'tfjs-gan';
import {
  loadMnist,
  progress,
  runReport,
  sampleGrid,
  saveImageGrid,
  trainingCurves,
} from 'tfjs-gan/node';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const flags = {
  epochs: count(8, 'passes through the data'),
  batchSize: count(128, 'images per step'),
  width: count(256, "units of the generator's first hidden layer; the second has twice as many"),
  images: count(60_000, 'number of training digits'),
};
const quick = { epochs: 1, batchSize: 16, width: 8, images: 64 };

await lesson('mlp-gan', flags, quick, async ({ epochs, batchSize, width, images, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split: 'train', limit: images });

  // Dense layers do not know that pixels have neighbors: for them an image is a vector of 784
  // numbers.
  const gan = createMlpGan({
    sampleShape: [28, 28, 1],
    latentSize: 100,
    hiddenUnits: [width, 2 * width],
    seed,
  });
  console.log(
    `${gan.generator.model.countParams()} weights in the generator, ` +
      `${gan.discriminator.model.countParams()} in the discriminator`,
  );

  await gan.trainer.fit(mnist, {
    epochs,
    batchSize,
    callbacks: [
      progress(),
      // Each picture shows the same latents, so that you can see a digit take shape.
      sampleGrid(join(out, 'samples'), { every: { epochs: 1 } }),
      trainingCurves(out),
      // Last, as it shows what the others have made.
      runReport(out),
    ],
  });

  const samples = gan.generator.sample(64, { seed: 7 });
  await saveImageGrid(join(out, 'samples.png'), samples, { columns: 8, scale: 2 });
  await gan.generator.save(`file://${join(out, 'generator')}`);
  samples.dispose();
  gan.dispose();
  console.log(`Look at ${join(out, 'samples.png')} and ${join(out, 'losses.svg')}`);
});
