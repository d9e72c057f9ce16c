// What you learn: a conditional GAN: labels in training and sampling, and a test of their effect.
// Run it: npm run example -- conditional-digits (--quick for a few seconds)
// In about 8 minutes, runs/conditional-digits/ has a grid with a column for each digit
// (samples.png), the interpolation from a 3 to an 8 (morph.png) and the generator (generator/).

import { join } from 'node:path';
import { createDcgan, Generator, useBackend } from 'tfjs-gan';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { evaluate, frechetDistance } from 'tfjs-gan/metrics';
import { loadMnist, progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { recipe } from '../mnist-dcgan/recipe.ts';
import { choice, count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const flags = {
  steps: count(4500, 'updates of each network'),
  baseFilters: count(32, 'filters of the layer next to the image'),
  judged: count(2000, 'samples for the evaluation at the end'),
  conditioning: choice(
    'projection',
    ['projection', 'concat', 'auxiliary'],
    'how the discriminator uses labels',
  ),
};
const quick = { steps: 6, baseFilters: 2, judged: 700 };

await lesson(
  'conditional-digits',
  flags,
  quick,
  async ({ steps, baseFilters, judged, conditioning, seed, out }) => {
    console.log(`backend ${String(await useBackend('auto'))}`);
    const mnist = await loadMnist({ split: 'train' });
    const unseen = await loadMnist({ split: 'test' });

    // `classes` is all it takes: both networks then receive the dataset's labels.
    const gan = createDcgan({
      imageShape: [28, 28, 1],
      classes: mnist.classes ?? 10,
      conditioning,
      baseFilters,
      seed,
      ...recipe({ learningRate: 2e-3, beta1: 0.5, falling: 0.5, average: 0.05 }, steps),
    });
    await gan.trainer.fit(mnist, { steps, batchSize: 32, callbacks: [progress(), runReport(out)] });

    // A column for each digit.
    const labels = Array.from({ length: 100 }, (_, i) => i % 10);
    const samples = gan.generator.sample(100, { labels, seed: 7 });
    await saveImageGrid(join(out, 'samples.png'), samples, { columns: 10, scale: 2 });
    const morph = gan.generator.interpolate(1, 1, { steps: 10, labels: [3, 8] });
    await saveImageGrid(join(out, 'morph.png'), morph, { columns: 10, scale: 2 });

    // GAN-test: the share of samples that show the requested digit. GAN-train: the accuracy on real
    // digits of a classifier trained on samples.
    const report = await evaluate(gan.generator, unseen, {
      features: mnistFeatures(),
      samples: judged,
      seeds: 1,
      metrics: { frechet: frechetDistance },
    });
    for (const [name, { mean }] of Object.entries(report.figures)) {
      console.log(`${name} ${mean.toFixed(3)}`);
    }
    if (report.classes !== undefined) {
      console.table(
        report.classes.ganTest.map(({ mean }, digit) => ({
          'share correct': mean.toFixed(3),
          'Fréchet distance': report.classes!.frechet[digit]!.mean.toFixed(1),
        })),
      );
    }

    // The file contains the classes and their frequencies.
    await gan.generator.save(`file://${join(out, 'generator')}`);
    gan.dispose();
    const loaded = await Generator.load(`file://${join(out, 'generator')}`);
    const threes = loaded.sample(3, { labels: 3, seed: 1 });
    console.log(`\nThree threes from the file: [${threes.shape.join(', ')}]`);
    for (const tensor of [samples, morph, threes]) tensor.dispose();
    loaded.dispose();
    console.log(`Look at ${join(out, 'samples.png')} and ${join(out, 'morph.png')}`);
  },
);
