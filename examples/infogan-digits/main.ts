// What you learn: InfoGAN: the networks learn to separate the digits without labels.
// Run it: npm run example -- infogan-digits (--quick for a few seconds)
// In about 9 minutes, runs/infogan-digits/ has a grid with a column for each value of a code of ten
// (codes.png), and one in which a continuous code varies from left to right (continuous.png).

import { join } from 'node:path';
import { createInfoGan, useBackend } from 'tfjs-gan';
import { loadMnist, progress, runReport, saveImageGrid } from 'tfjs-gan/node';
import { recipe } from '../mnist-dcgan/recipe.ts';
import { count, positive } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const flags = {
  steps: count(4500, 'updates of each network'),
  baseFilters: count(32, 'filters of the layer next to the image'),
  informationWeight: positive(1, 'weight of the information about the codes'),
};
const quick = { steps: 6, baseFilters: 2 };

await lesson(
  'infogan-digits',
  flags,
  quick,
  async ({ steps, baseFilters, informationWeight, seed, out }) => {
    console.log(`backend ${String(await useBackend('auto'))}`);
    // The labels of MNIST are never used.
    const mnist = await loadMnist({ split: 'train' });
    // The paper's rates, 0.001 and 0.0002, which fall to 0 in the second half.
    const settings = { beta1: 0.5, falling: 0.5, average: 0.05 };
    const { optimizers, ema } = recipe({ ...settings, learningRate: 1e-3 }, steps);
    const slow = recipe({ ...settings, learningRate: 2e-4 }, steps);
    const gan = createInfoGan({
      imageShape: [28, 28, 1],
      codes: { categorical: [10], continuous: 2 },
      informationWeight,
      baseFilters,
      seed,
      optimizers: {
        generator: optimizers?.generator,
        discriminator: slow.optimizers?.discriminator,
      },
      ema,
    });
    const history = await gan.trainer.fit(mnist, {
      steps,
      batchSize: 32,
      callbacks: [progress(), runReport(out)],
    });

    // The accuracy of the discriminator's second output on the codes of fake samples, which is all
    // that the information term rewards.
    const last = history.steps.slice(-100);
    const accuracies = last.reduce(
      (sum, { metrics }) => sum + (metrics['accuracy/codes/fake'] ?? NaN),
      0,
    );
    console.log(
      `the code is recognized in ${((100 * accuracies) / last.length).toFixed(1)} % of the samples`,
    );

    // A column for each value of the code.
    const values = Array.from({ length: 100 }, (_, i) => i % 10);
    const codes = gan.generator.sample(100, { seed: 7, codes: { categorical: [values] } });
    await saveImageGrid(join(out, 'codes.png'), codes, { columns: 10, scale: 2 });

    // A row for each value of the categorical code; the first continuous code goes from −1.5 to
    // 1.5, left to right.
    const rows = values.map((_, i) => Math.floor(i / 10));
    const sweep = values.map((column) => -1.5 + column / 3);
    const continuous = gan.generator.sample(100, {
      seed: 7,
      codes: { categorical: [rows], continuous: [sweep, 0] },
    });
    await saveImageGrid(join(out, 'continuous.png'), continuous, { columns: 10, scale: 2 });
    for (const tensor of [codes, continuous]) tensor.dispose();
    gan.dispose();
    console.log(`Look at ${join(out, 'codes.png')} and ${join(out, 'continuous.png')}`);
  },
);
